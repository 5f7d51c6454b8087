//! A sink on a thread of its own: one that blocks while it sends would keep its shipper from putting records on disk
//! meanwhile. To the shipper all its batches are pending. The buffers that they are copied into go back and forth: memory
//! from the system would cost more than the copy.

use super::source::message;
use crate::{
    Error, journal,
    sink::{Batch, Batching, SendError, Sent, Sink},
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
    batches: Sender<Copied>,
    outcomes: Receiver<(u64, Result<(), SendError>)>,
    emptied: Receiver<Vec<u8>>,
}

/// A batch that its lines are copied into.
struct Copied {
    id: u64,
    bytes: Vec<u8>,
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
    let (back, emptied) = channel();
    let (name, batching) = (sink.name(), sink.batching());
    thread::Builder::new()
        .name("tracel sink".to_owned())
        .spawn(move || work(sink, &from, &to, &back))
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
        emptied,
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
        let Batch { id, bytes, lines } = *batch;
        let mut copy = self.emptied.try_recv().unwrap_or_default();
        copy.clear();
        copy.extend_from_slice(bytes);
        let copied = Copied {
            id,
            bytes: copy,
            lines,
        };
        // It ends when this is dropped, not before.
        self.batches
            .send(copied)
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

fn work(
    mut sink: Box<dyn Sink>,
    batches: &Receiver<Copied>,
    outcomes: &Sender<(u64, Result<(), SendError>)>,
    emptied: &Sender<Vec<u8>>,
) {
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
            Ok(Copied { id, bytes, lines }) => match sink.send(&Batch {
                id: *id,
                bytes,
                lines: *lines,
            }) {
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
            (Err(panic), Ok(Copied { id, .. })) => {
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
        for (id, result) in results {
            pending.retain(|waiting| *waiting != id);
            if outcomes.send((id, result)).is_err() {
                return;
            }
        }
        if let Ok(Copied { bytes, .. }) = next {
            // It is dropped when nobody is there to use it again.
            _ = emptied.send(bytes);
        }
    }
}
