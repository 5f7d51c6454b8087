//! Lines to a sink, from a command that waits for the answer: the runtime's sinks without its journal.

use std::{
    thread,
    time::{Duration, Instant},
};
use tracel::sink::{Address, Batch, SendError, Sent, Sink};

/// How long a batch may take, with all attempts.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause before another attempt, unless the other side asks for another.
const PAUSE: Duration = Duration::from_secs(1);

/// A sink that lines are sent to.
pub(crate) struct Delivery {
    sink: Box<dyn Sink>,
    next: u64,
}

impl Delivery {
    /// Opens the sink.
    pub(crate) fn open(to: &Address) -> Result<Delivery, String> {
        let sink = to.open().map_err(|error| error.to_string())?;
        Ok(Delivery { sink, next: 1 })
    }

    /// The bytes from which on a batch is full.
    pub(crate) fn full(&self) -> usize {
        self.sink.batching().bytes
    }

    /// Sends whole lines, and waits until the other side has them.
    pub(crate) fn send(&mut self, lines: &[u8]) -> Result<(), String> {
        let batch = Batch::new(self.next, lines);
        self.next += 1;
        let end = Instant::now() + PATIENCE;
        loop {
            let outcome = match self.sink.send(&batch) {
                Ok(Sent::Acknowledged) => Ok(()),
                Ok(Sent::Pending) => self.wait(batch.id, end),
                Err(error) => Err(error),
            };
            let (why, after) = match outcome {
                Ok(()) => return Ok(()),
                Err(SendError::Retry { why, after }) => (why, after.unwrap_or(PAUSE)),
                Err(error) => return Err(format!("{} did not take it: {error}", self.sink.name())),
            };
            if Instant::now() + after >= end {
                return Err(format!("{} does not take it: {why}", self.sink.name()));
            }
            thread::sleep(after);
        }
    }

    fn wait(&mut self, id: u64, end: Instant) -> Result<(), SendError> {
        let mut answer = None;
        while answer.is_none() && Instant::now() < end {
            self.sink.settle(end, &mut |of, outcome| {
                if of == id {
                    answer = Some(outcome);
                }
            });
        }
        answer.unwrap_or_else(|| Err(SendError::retry("no answer in time")))
    }
}
