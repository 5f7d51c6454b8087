//! Where a shipper's records come from, and how they become lines. The process's own source goes on for ever; one that
//! is adopted from a dead process ends. Where they lie is the `origin`'s.

use super::{
    Announce, Complete,
    job::Lines,
    origin::{Item, Origin},
    report::Tellers,
};
use crate::{
    Error,
    journal::{Frame, Journal, Reader},
    loss::{Loss, Reason},
    sink::Batching,
    spool::Spool,
};
use std::{
    any::Any,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// Records, as one sink sees them.
pub struct Source {
    pub(super) origin: Origin,
    complete: Complete,
    pub(super) announce: Option<Announce>,
    closing: Option<Closing>,
    at_end: Option<Box<dyn FnOnce() + Send>>,
    /// An adopted one has nothing left that was not taken: nobody writes to it any more.
    pub(super) is_dry: bool,
}

/// Gives finished lines, each with its lane and seq, to what it is given.
type Closing = Box<dyn FnOnce(&mut dyn FnMut(u32, u64, &[u8])) + Send>;

/// What a look at a source has found.
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    /// Records and gaps.
    pub(super) frames: usize,
    /// Whether there were gaps, which nobody waits for.
    pub(super) gaps: bool,
}

impl Source {
    /// What this reader of the journal has not acknowledged yet.
    #[must_use]
    pub fn new(journal: &Journal, reader: Reader, complete: Complete) -> Self {
        Source {
            origin: Origin::Journal {
                journal: journal.clone(),
                reader,
            },
            complete,
            announce: None,
            closing: None,
            at_end: None,
            is_dry: false,
        }
    }

    /// All that the journal holds, by a new reader.
    ///
    /// # Errors
    /// When the journal has too many readers.
    pub fn of(journal: &Journal, complete: Complete) -> Result<Self, Error> {
        Ok(Source::new(journal, journal.reader()?, complete))
    }

    /// What a dead process's spool holds: lines that are finished.
    #[must_use]
    pub fn of_spool(spool: Spool) -> Self {
        Source {
            origin: Origin::Spool(Box::new(spool)),
            complete: Arc::new(|_, _, _, _| {}),
            announce: None,
            closing: None,
            at_end: None,
            is_dry: false,
        }
    }

    /// What one sink of a dead process had not acknowledged.
    #[cfg(all(target_os = "linux", not(loom)))]
    #[must_use]
    pub fn of_relic(reader: crate::journal::relic::Reader, complete: Complete) -> Self {
        Source {
            origin: Origin::Relic {
                reader,
                failure: None,
            },
            complete,
            announce: None,
            closing: None,
            at_end: None,
            is_dry: false,
        }
    }

    /// Puts these finished lines, each with its lane and seq, behind the last record of an adopted source.
    #[must_use]
    pub fn closing(self, lines: impl FnOnce(&mut dyn FnMut(u32, u64, &[u8])) + Send + 'static) -> Self {
        let closing: Option<Closing> = Some(Box::new(lines));
        Source { closing, ..self }
    }

    /// Puts a line in place of records that are lost: those that the journal could not take or this reader missed, those
    /// that the sink refuses, and those of which `complete` makes nothing.
    #[must_use]
    pub fn announcing(self, announce: Announce) -> Self {
        let announce = Some(announce);
        Source { announce, ..self }
    }

    /// Calls `f` on the shipper's thread when an adopted source is done: each of its records has been acknowledged, and
    /// its reader is dropped. Not called when the shipper ends before that, or when something could not be read.
    #[must_use]
    pub fn at_end(self, f: impl FnOnce() + Send + 'static) -> Self {
        Source {
            at_end: Some(Box::new(f)),
            ..self
        }
    }

    /// Gives back all that it holds, and tells who wants to know.
    pub(super) fn end(self) {
        let Source {
            origin,
            complete,
            announce: _,
            closing: _,
            at_end,
            is_dry: _,
        } = self;
        let is_whole = origin.failure().is_none();
        drop((origin, complete));
        if let Some(at_end) = at_end.filter(|_| is_whole) {
            at_end();
        }
    }

    /// Adds the next records' lines until the batch is full or nothing is left.
    pub(super) fn read(
        &mut self,
        open: &mut Lines,
        batching: &Batching,
        name: &str,
        tellers: &mut Tellers,
    ) -> Found {
        let (complete, announce) = (&self.complete, &self.announce);
        let mut gaps = false;
        let mut frames = self.origin.poll(|item| {
            match item {
                Item::Line(entry) => open.put(&entry),
                Item::Frame(Frame::Record { lane, seq, payload }) => {
                    let line = || open.add(lane, seq, |out| complete(lane, seq, payload, out));
                    let why = match catch_unwind(AssertUnwindSafe(line)) {
                        Ok(false) if announce.is_some() => "it is none of ours".to_owned(),
                        Ok(_) => String::new(),
                        Err(panic) => message(&*panic).to_owned(),
                    };
                    if !why.is_empty() {
                        open.cut_back();
                        open.refused += 1;
                        tellers.refusing.tell(|| {
                            format!("sink {name}: record {seq} of lane {lane} cannot be completed: {why}")
                        });
                        if let Some(announce) = announce {
                            let loss = Loss { lane, seq, count: 1, reason: Reason::Damaged };
                            open.announce(&loss, 1, announce);
                        }
                    }
                }
                Item::Frame(Frame::Gap { lane, seq, count }) => {
                    gaps = true;
                    if let Some(announce) = announce {
                        let loss = Loss { lane, seq, count, reason: Reason::Dropped };
                        open.announce(&loss, count, announce);
                    }
                    tellers.dropping.tell(|| {
                        format!("{count} records were lost (lane {lane}, from seq {seq}): the journal was full, or they were longer than it takes")
                    });
                }
                Item::Frame(Frame::Damaged { lane, seq, count }) => {
                    gaps = true;
                    open.refused += count;
                    if let Some(announce) = announce {
                        let loss = Loss { lane, seq, count, reason: Reason::Damaged };
                        open.announce(&loss, count, announce);
                    }
                    tellers.dropping.tell(|| {
                        format!("{count} records of a dead process, or of a journal that was cut, were damaged (lane {lane}, from seq {seq})")
                    });
                }
                Item::Frame(Frame::Missed { lane, seq, count, records }) => {
                    gaps = true;
                    if let Some(announce) = announce {
                        let loss = Loss { lane, seq, count, reason: Reason::Missed };
                        open.announce(&loss, count, announce);
                    }
                    tellers.dropping.tell(|| {
                        format!("sink {name} was too slow for {records} records (lane {lane}, from seq {seq}, {count} numbers), and missed them")
                    });
                }
            }
            if open.is_full(batching) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if let Some(error) = self.origin.failure() {
            tellers
                .dropping
                .tell(|| format!("a dead process's journal cannot be read, and is left as it is: {error}"));
        } else if frames == 0
            && let Some(closing) = self.closing.take()
        {
            closing(&mut |lane, seq, line| {
                frames += 1;
                open.add(lane, seq, |out| out.extend_from_slice(line));
            });
        }
        Found { frames, gaps }
    }
}

/// What a panic says.
pub(super) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
