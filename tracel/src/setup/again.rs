//! A sink as a forked child has it: its parent's is on a thread that the child has not got, so it is opened again, at its
//! first batch and on its own thread. Whatever the parent's threads were about when it forked, no caller waits for it.

use crate::sink::{Address, Batch, Batching, SendError, Sent, Sink};
use std::{path::PathBuf, time::Instant};

/// What is known of a sink beside itself.
#[derive(Clone)]
pub(crate) struct Seat {
    /// `None`: code has given it, and nobody can open it again.
    pub(super) address: Option<Address>,
    /// Where it puts aside what is refused.
    pub(super) folder: Option<PathBuf>,
    pub(super) name: String,
    pub(super) batching: Batching,
}

impl Seat {
    pub(super) fn of(address: Option<Address>, folder: Option<PathBuf>, sink: &dyn Sink) -> Self {
        Seat {
            address,
            folder,
            name: sink.name(),
            batching: sink.batching(),
        }
    }

    /// The same sink, not opened yet.
    pub(super) fn again(&self) -> Option<Box<dyn Sink>> {
        Some(Box::new(Again {
            address: self.address.clone()?,
            seat: self.clone(),
            open: None,
        }))
    }
}

struct Again {
    address: Address,
    seat: Seat,
    open: Option<Box<dyn Sink>>,
}

impl Sink for Again {
    fn name(&self) -> String {
        self.seat.name.clone()
    }

    fn batching(&self) -> Batching {
        self.seat.batching
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        let sink = match &mut self.open {
            Some(sink) => sink,
            None => {
                let opened = match &self.seat.folder {
                    Some(folder) => self.address.open_in(folder),
                    None => self.address.open(),
                };
                self.open.insert(opened.map_err(SendError::retry)?)
            }
        };
        sink.send(batch)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        if let Some(sink) = &mut self.open {
            sink.settle(until, report);
        }
    }

    fn trouble(&mut self) -> Option<String> {
        self.open.as_mut()?.trouble()
    }
}
