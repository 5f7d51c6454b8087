//! Where a shipper's records come from: a reader of a journal, and how its records become lines. The process's own
//! source goes on for ever; one that is adopted from a dead process ends.

use super::{Complete, Counts, job::Lines, report::Tellers};
use crate::{
    Error,
    journal::{Frame, Journal, Reader},
    sink::Batching,
};
use std::{
    any::Any,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering::Relaxed},
};

/// One journal, as one sink sees it.
pub struct Source {
    pub(super) journal: Journal,
    pub(super) reader: Reader,
    complete: Complete,
    at_end: Option<Box<dyn FnOnce() + Send>>,
    /// An adopted one has nothing left that was not taken: nobody writes to it any more.
    pub(super) is_dry: bool,
}

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
            journal: journal.clone(),
            reader,
            complete,
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

    /// Calls `f` on the shipper's thread when an adopted source is done: each of its records has been acknowledged, and
    /// its reader is dropped. Not called when the shipper ends before that.
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
            journal,
            reader,
            complete,
            at_end,
            is_dry: _,
        } = self;
        drop((reader, journal, complete));
        if let Some(at_end) = at_end {
            at_end();
        }
    }

    /// Adds the next records' lines until the batch is full or nothing is left.
    pub(super) fn read(
        &mut self,
        open: &mut Lines,
        batching: &Batching,
        name: &str,
        counts: &Arc<Counts>,
        tellers: &mut Tellers,
    ) -> Found {
        let complete = &self.complete;
        let mut gaps = false;
        let frames = self.reader.poll(|frame| {
            match frame {
                Frame::Record { lane, seq, payload } => {
                    let line = || open.add(lane, seq, |out| complete(lane, seq, payload, out));
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(line)) {
                        open.cut_back();
                        counts.refused.fetch_add(1, Relaxed);
                        let why = message(&*panic);
                        tellers.refusing.tell(|| {
                            format!("sink {name}: record {seq} of lane {lane} cannot be completed: {why}")
                        });
                    }
                }
                Frame::Gap { lane, seq, count } => {
                    gaps = true;
                    tellers.dropping.tell(|| {
                        format!("{count} records were lost (lane {lane}, from seq {seq}): the journal was full, or they were longer than it takes")
                    });
                }
                Frame::Missed { lane, seq, count, records } => {
                    gaps = true;
                    counts.overrun.fetch_add(records, Relaxed);
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
        Found { frames, gaps }
    }
}

/// What a panic says.
pub(super) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
