//! A sink on a thread of its own: one that blocks while it sends would keep its shipper from putting records on disk
//! meanwhile. To the shipper all its batches are pending.

use super::source::message;
use crate::{
    Error, journal,
    sink::{Batch, Batching, Kept, SendError, Sent, Sink},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
    thread,
    time::{Duration, Instant},
};

/// How long the sink's own pending batches are waited for before the next is taken.
const TURN: Duration = Duration::from_millis(2);

struct Aside {
    name: String,
    batching: Batching,
    batches: Sender<Taken>,
    outcomes: Receiver<(u64, Result<(), SendError>)>,
}

/// A batch that is kept.
struct Taken {
    id: u64,
    bytes: Kept,
    lines: usize,
}

/// Gives a sink its thread.
///
/// # Errors
/// When the system gives none.
#[allow(clippy::disallowed_methods, reason = "its thread is of no request")]
pub(super) fn aside(sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Error> {
    let (batches, from) = channel();
    let (to, outcomes) = channel();
    let (name, batching) = (sink.name(), sink.batching());
    thread::Builder::new()
        .name("tracel sink".to_owned())
        .spawn(move || work(sink, &from, &to))
        .map_err(|error| {
            Error::new("no thread for this sink")
                .at(name.clone())
                .because(error)
        })?;
    Ok(Box::new(Aside {
        name,
        batching,
        batches,
        outcomes,
    }))
}

impl Sink for Aside {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn batching(&self) -> Batching {
        self.batching
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        let taken = Taken {
            id: batch.id,
            bytes: batch.keep(),
            lines: batch.lines,
        };
        // It ends when this is dropped, not before.
        self.batches
            .send(taken)
            .map_err(|_| SendError::retry("its thread has ended"))?;
        Ok(Sent::Pending)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        let wait = until.saturating_duration_since(Instant::now());
        let first = self.outcomes.recv_timeout(wait).ok();
        for (id, result) in first.into_iter().chain(self.outcomes.try_iter()) {
            report(id, result);
        }
    }
}

fn work(mut sink: Box<dyn Sink>, batches: &Receiver<Taken>, outcomes: &Sender<(u64, Result<(), SendError>)>) {
    journal::drain_here();
    let mut pending = Vec::new();
    loop {
        let next = match pending.is_empty() {
            true => batches.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => batches.try_recv().map_err(|error| match error {
                TryRecvError::Empty => RecvTimeoutError::Timeout,
                TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            }),
        };
        let mut results = Vec::new();
        let done = catch_unwind(AssertUnwindSafe(|| match &next {
            Ok(Taken { id, bytes, lines }) => match sink.send(&bytes.batch(*id, *lines)) {
                Ok(Sent::Pending) => pending.push(*id),
                Ok(Sent::Acknowledged) => results.push((*id, Ok(()))),
                Err(error) => results.push((*id, Err(error))),
            },
            Err(_) => sink.settle(Instant::now() + TURN, &mut |id, result| {
                results.push((id, result))
            }),
        }));
        match (done, &next) {
            (_, Err(RecvTimeoutError::Disconnected)) => return,
            (Err(panic), Ok(Taken { id, .. })) => {
                results.push((
                    *id,
                    Err(SendError::retry(format!("it panicked: {}", message(&*panic)))),
                ));
            }
            (Err(panic), Err(_)) => {
                // Which of them it would have told of is not known: all are tried again.
                let why = format!("it panicked: {}", message(&*panic));
                results.extend(pending.iter().map(|id| (*id, Err(SendError::retry(&why)))));
            }
            (Ok(()), _) => {}
        }
        // Whoever hears of it may use the memory again.
        drop(next);
        for (id, result) in results {
            pending.retain(|waiting| *waiting != id);
            if outcomes.send((id, result)).is_err() {
                return;
            }
        }
    }
}
