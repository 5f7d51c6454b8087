//! What a source reads: today a journal's reader. Here only what it shows and how it is acknowledged; what becomes of
//! it is the source's.

use crate::journal::{self, Frame, Journal, Reader, Tally};
use std::{ops::ControlFlow, sync::Arc};

/// Where a source's records lie.
pub(super) enum Origin {
    /// A journal in this process's memory.
    Journal { journal: Journal, reader: Reader },
}

/// A place in an origin, to be acknowledged: from [`Origin::mark`], and only for that origin.
pub(super) enum Mark {
    Journal(journal::Mark),
}

/// What an origin shows.
pub(super) enum Item<'a> {
    /// A record that is still to be completed, or a loss.
    Frame(Frame<'a>),
}

impl Origin {
    /// Shows what comes next, each lane in its order, until `f` breaks (what it was shown last counts as read) or
    /// nothing is left. Returns how much it showed. Nothing is acknowledged by that.
    pub(super) fn poll(&mut self, mut f: impl FnMut(Item<'_>) -> ControlFlow<()>) -> usize {
        match self {
            Origin::Journal { reader, .. } => reader.poll(|frame| f(Item::Frame(frame))),
        }
    }

    /// All that was shown since the last mark.
    pub(super) fn mark(&mut self) -> Mark {
        match self {
            Origin::Journal { reader, .. } => Mark::Journal(reader.mark()),
        }
    }

    /// What lies before the mark is not kept any more. Marks come in the order in which they were made.
    pub(super) fn ack(&mut self, mark: Mark) {
        match (self, mark) {
            (Origin::Journal { reader, .. }, Mark::Journal(mark)) => reader.ack(mark),
        }
    }

    /// The journal, if it is one that this process writes to.
    pub(super) fn journal(&self) -> Option<&Journal> {
        match self {
            Origin::Journal { journal, .. } => Some(journal),
        }
    }

    /// What others may know of the reader of such a journal.
    pub(super) fn tally(&self) -> Option<Arc<Tally>> {
        match self {
            Origin::Journal { reader, .. } => Some(reader.tally()),
        }
    }

    /// Whether each lane of such a journal is acknowledged up to these seqs.
    pub(super) fn has_acked(&self, upto: &[u64]) -> bool {
        match self {
            Origin::Journal { reader, .. } => reader.has_acked(upto),
        }
    }
}
