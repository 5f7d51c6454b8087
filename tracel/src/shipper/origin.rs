//! What a source reads: a journal's reader, a dead process's journal, or its spool. Here only what it shows and how it is
//! acknowledged; what becomes of it is the source's.

#[cfg(all(target_os = "linux", not(loom)))]
use crate::{journal::relic, stats};
use crate::{
    journal::{self, Frame, Journal, Reader, Tally},
    spool::{self, Entry, Spool},
};
use std::{ops::ControlFlow, sync::Arc};

/// Where a source's records lie.
pub(super) enum Origin {
    /// A journal in this process's memory.
    Journal { journal: Journal, reader: Reader },
    /// Lines on disk.
    Spool(Box<Spool>),
    /// What a dead process has left, and why it cannot be read.
    #[cfg(all(target_os = "linux", not(loom)))]
    Relic {
        reader: relic::Reader,
        failure: Option<std::io::Error>,
    },
}

/// A place in an origin, to be acknowledged: from [`Origin::mark`], and only for that origin.
pub(super) enum Mark {
    Journal(journal::Mark),
    Spool(spool::Mark),
    #[cfg(all(target_os = "linux", not(loom)))]
    Relic(relic::Mark),
}

/// What an origin shows.
pub(super) enum Item<'a> {
    /// A record that is still to be completed, or a loss.
    Frame(Frame<'a>),
    /// A line that is finished.
    Line(Entry<'a>),
}

impl Origin {
    /// Shows what comes next, each lane in its order, until `f` breaks (what it was shown last counts as read) or
    /// nothing is left. Returns how much it showed. Nothing is acknowledged by that.
    pub(super) fn poll(&mut self, mut f: impl FnMut(Item<'_>) -> ControlFlow<()>) -> usize {
        match self {
            Origin::Journal { reader, .. } => reader.poll(|frame| f(Item::Frame(frame))),
            Origin::Spool(spool) => spool.read(|entry| f(Item::Line(entry))),
            #[cfg(all(target_os = "linux", not(loom)))]
            Origin::Relic { reader, failure } => match reader.poll(|frame| f(Item::Frame(frame))) {
                Ok(shown) => shown,
                Err(error) => {
                    *failure = Some(error);
                    0
                }
            },
        }
    }

    /// All that was shown since the last mark.
    pub(super) fn mark(&mut self) -> Mark {
        match self {
            Origin::Journal { reader, .. } => Mark::Journal(reader.mark()),
            Origin::Spool(spool) => Mark::Spool(spool.mark()),
            #[cfg(all(target_os = "linux", not(loom)))]
            Origin::Relic { reader, .. } => Mark::Relic(reader.mark()),
        }
    }

    /// What lies before the mark is not kept any more. Marks come in the order in which they were made.
    pub(super) fn ack(&mut self, mark: Mark) {
        match (self, mark) {
            (Origin::Journal { reader, .. }, Mark::Journal(mark)) => reader.ack(mark),
            (Origin::Spool(spool), Mark::Spool(mark)) => spool.ack(mark),
            #[cfg(all(target_os = "linux", not(loom)))]
            (Origin::Relic { reader, failure }, Mark::Relic(mark)) => {
                stats::RECOVERED.add(mark.records());
                // What cannot be noted is sent a second time, should this recovery be cut short.
                if let Err(error) = reader.ack(&mark) {
                    *failure = Some(error);
                }
            }
            // Nobody mixes them.
            (_, _) => {}
        }
    }

    /// The journal, if it is one that this process writes to.
    pub(super) fn journal(&self) -> Option<&Journal> {
        match self {
            Origin::Journal { journal, .. } => Some(journal),
            _ => None,
        }
    }

    /// What others may know of the reader of such a journal.
    pub(super) fn tally(&self) -> Option<Arc<Tally>> {
        match self {
            Origin::Journal { reader, .. } => Some(reader.tally()),
            _ => None,
        }
    }

    /// Whether each lane of such a journal is acknowledged up to these seqs.
    pub(super) fn has_acked(&self, upto: &[u64]) -> bool {
        match self {
            Origin::Journal { reader, .. } => reader.has_acked(upto),
            Origin::Spool(spool) => spool.left() == 0,
            #[cfg(all(target_os = "linux", not(loom)))]
            Origin::Relic { reader, .. } => reader.is_dry(),
        }
    }

    /// Whether it has shown all that it will ever have, when nobody writes to it any more and it shows nothing now.
    pub(super) fn is_dry(&self) -> bool {
        match self {
            Origin::Journal { .. } => true,
            Origin::Spool(spool) => !spool.has_unread(),
            #[cfg(all(target_os = "linux", not(loom)))]
            Origin::Relic { reader, failure } => reader.is_dry() || failure.is_some(),
        }
    }

    /// Why something of it could not be read, when that is so: it is left as it is.
    pub(super) fn failure(&self) -> Option<&std::io::Error> {
        match self {
            #[cfg(all(target_os = "linux", not(loom)))]
            Origin::Relic { failure, .. } => failure.as_ref(),
            _ => None,
        }
    }

    /// Whether a journal runs short because of what is not acknowledged here.
    pub(super) fn is_short(&self) -> bool {
        match self {
            Origin::Journal { reader, .. } => reader.is_in_the_way(),
            _ => false,
        }
    }

    /// Holds the journal to what this reader has not acknowledged yet, also when others are further; or lets it go on
    /// without, when chunks run short.
    pub(super) fn hold(&self, on: bool) {
        if let Origin::Journal { reader, .. } = self {
            reader.hold(on);
        }
    }
}
