//! A sink on a thread of its own: one that blocks while it sends would keep its shipper from putting records on disk
//! meanwhile. To the shipper all its batches are pending, and more of them than the sink takes: its thread finds the next one
//! when it is done with one, where each waited for the other to wake. A file on ext4, which has four of 256 KiB in place of one
//! of a MiB, took 1.1 to 1.8 times the records a second.

use super::source::message;
use crate::{
    Error, journal,
    sink::{Batch, Batching, Kept, SendError, Sent, Sink},
    threads,
};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long the sink's own pending batches are waited for before the next is taken.
const TURN: Duration = Duration::from_millis(2);

/// How many bytes those that wait for the thread and the one that it sends are together. They are two to four.
const UNDER_WAY: usize = 1 << 20;

type Outcome = (u64, Result<(), SendError>);

struct Aside {
    name: String,
    batching: Batching,
    desk: Side,
}

/// What the handle and the thread share. Two channels of std's would be 40 KB of every program.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    /// Told of every change of the state.
    change: Condvar,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Taken>,
    outcomes: Vec<Outcome>,
    /// What keeps pending batches from arriving.
    trouble: Option<String>,
    /// Whether one of the two is gone.
    ended: bool,
}

impl State {
    /// Whether one has failed of which the handle has not heard: what it sends comes after that one, whatever becomes of it.
    fn has_failed(&self) -> bool {
        self.outcomes.iter().any(|(_, result)| result.is_err())
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a batch, unless some are pending; as many as the sink takes may be.
    fn next(&self, pending: &[u64], in_flight: usize) -> Next {
        let nothing = |state: &mut State| pending.is_empty() && state.batches.is_empty() && !state.ended;
        let waited = self.change.wait_while(self.state(), nothing);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.ended {
            // What was not begun the handle has kept.
            return Next::Leave;
        }
        let batch = state.batches.pop_front_if(|_| pending.len() < in_flight);
        batch.map_or(Next::Settle, Next::Send)
    }
}

/// The handle's or the thread's: when one goes, the other hears of it.
struct Side(Arc<Desk>);

impl Drop for Side {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.change.notify_one();
    }
}

/// What the thread is to do next.
enum Next {
    Send(Taken),
    /// There is no batch, but some are pending.
    Settle,
    Leave,
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
pub(super) fn aside(sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Error> {
    let desk = Arc::<Desk>::default();
    let here = Side(Arc::clone(&desk));
    let (name, batching) = (sink.name(), sink.batching());
    threads::start("tracel sink", Box::new(move || work(sink, here))).map_err(|error| {
        Error::new("no thread for this sink")
            .at(name.clone())
            .because(error)
    })?;
    let desk = Side(desk);
    Ok(Box::new(Aside { name, batching, desk }))
}

impl Sink for Aside {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn batching(&self) -> Batching {
        let batches = self.batching.of(UNDER_WAY).clamp(2, 4);
        Batching {
            in_flight: self.batching.in_flight + batches - 1,
            ..self.batching
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        let taken = Taken {
            id: batch.id,
            bytes: batch.keep(),
            lines: batch.lines,
        };
        let mut state = self.desk.0.state();
        // It ends when this is dropped, not before.
        if state.ended {
            return Err(SendError::retry("its thread has ended"));
        }
        if state.has_failed() {
            state.outcomes.push((taken.id, Err(SendError::Untried)));
        } else {
            state.batches.push_back(taken);
            drop(state);
            self.desk.0.change.notify_one();
        }
        Ok(Sent::Pending)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        let wait = until.saturating_duration_since(Instant::now());
        let nothing = |state: &mut State| state.outcomes.is_empty() && !state.ended;
        let waited = self
            .desk
            .0
            .change
            .wait_timeout_while(self.desk.0.state(), wait, nothing);
        let outcomes = std::mem::take(&mut waited.unwrap_or_else(PoisonError::into_inner).0.outcomes);
        for (id, result) in outcomes {
            report(id, result);
        }
    }

    fn trouble(&mut self) -> Option<String> {
        self.desk.0.state().trouble.take()
    }
}

fn work(mut sink: Box<dyn Sink>, desk: Side) {
    let desk = &*desk.0;
    journal::drain_here();
    let in_flight = sink.batching().in_flight;
    let mut pending = Vec::new();
    loop {
        let next = desk.next(&pending, in_flight);
        let (mut results, mut trouble) = (Vec::new(), None);
        let done = catch_unwind(AssertUnwindSafe(|| match &next {
            Next::Send(Taken { id, bytes, lines }) => match sink.send(&bytes.batch(*id, *lines)) {
                Ok(Sent::Pending) => pending.push(*id),
                Ok(Sent::Acknowledged) => results.push((*id, Ok(()))),
                Err(error) => results.push((*id, Err(error))),
            },
            Next::Settle => {
                sink.settle(Instant::now() + TURN, &mut |id, result| {
                    results.push((id, result))
                });
                trouble = sink.trouble();
            }
            Next::Leave => {}
        }));
        match (done, &next) {
            (_, Next::Leave) => return,
            (Err(panic), Next::Send(Taken { id, .. })) => {
                results.push((
                    *id,
                    Err(SendError::retry(format!("it panicked: {}", message(&*panic)))),
                ));
            }
            (Err(panic), Next::Settle) => {
                // Which of them it would have told of is not known: all are tried again.
                let why = format!("it panicked: {}", message(&*panic));
                results.extend(pending.iter().map(|id| (*id, Err(SendError::retry(&why)))));
            }
            (Ok(()), _) => {}
        }
        // Whoever hears of it may use the memory again.
        drop(next);
        pending.retain(|waiting| !results.iter().any(|(id, _)| id == waiting));
        let mut state = desk.state();
        if trouble.is_some() {
            state.trouble = trouble;
        }
        if !results.is_empty() {
            state.outcomes.append(&mut results);
            if state.has_failed() {
                let State {
                    batches, outcomes, ..
                } = &mut *state;
                outcomes.extend(batches.drain(..).map(|batch| (batch.id, Err(SendError::Untried))));
            }
            desk.change.notify_one();
        }
    }
}
