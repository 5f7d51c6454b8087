//! A capture: the guard that keeps it going, and what it has taken so far.

use super::Record;
use crate::{
    DEFAULT_SCHEMA, Error, Schema,
    carry::captured::Running,
    context::SpanContext,
    layer::{Layer, sole::Sole},
    propagate::policy,
};
use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tracing_core::Dispatch;

/// Begins a capture on this thread; it ends when the guard is dropped. See [`testing`](crate::testing) for what it takes.
pub fn capture() -> Capture {
    capture_of(DEFAULT_SCHEMA)
}

/// The same under the service's schema, `logs::SCHEMA`: for tests of what other crates log, whose policy it says, and of
/// contexts between services, for whose `propagate` and `trust` it holds from now on in the whole process, like the
/// schema of [`init`](crate::init()).
pub fn capture_with(schema: Schema) -> Capture {
    policy::set(&schema);
    capture_of(schema)
}

/// Not for tests: for measuring the layer over something else than a journal. Each record goes to `take`, on the thread that
/// logs, as it would go to the journal.
///
/// # Errors
/// When there is no memory.
#[doc(hidden)]
pub fn over(schema: Schema, take: impl Fn(&[u8]) + Send + Sync + 'static) -> Result<Dispatch, Error> {
    Layer::over(schema, Box::new(take)).map(|layer| Dispatch::new(Sole(layer)))
}

fn capture_of(schema: Schema) -> Capture {
    let (logs, runs) = (Logs::default(), Arc::new(AtomicBool::new(false)));
    let (taken, while_it_runs) = (logs.clone(), Arc::clone(&runs));
    let take = move |json: &[u8], span: Option<&SpanContext>| {
        // A thread that was started under it may outlive it.
        if while_it_runs.load(Relaxed) {
            taken.take(json, span);
        }
    };
    let layer = Layer::capturing(schema, Box::new(take));
    Capture {
        logs,
        _running: Running::begin(Sole(layer), runs),
    }
}

/// A capture that runs while it lives; made by [`capture`]. What it takes is read as from [`Logs`], and it cannot leave its
/// thread.
#[must_use = "the capture ends when it is dropped: bind it, `let logs = …`"]
pub struct Capture {
    _running: Running,
    logs: Logs,
}

impl Deref for Capture {
    type Target = Logs;

    fn deref(&self) -> &Logs {
        &self.logs
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.logs.fmt(f)
    }
}

/// The records of a capture, in the order in which they came. A clone sees the same ones, from any thread.
#[derive(Clone, Default)]
pub struct Logs(Arc<Taken>);

#[derive(Default)]
struct Taken {
    records: Mutex<Vec<Record>>,
    more: Condvar,
}

impl Logs {
    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, json: &[u8], span: Option<&SpanContext>) {
        let record = Record::read(json, span);
        self.lock().push(record);
        self.0.more.notify_all();
    }

    /// All records so far.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Forgets the records so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Waits until there are so many records, and returns all. It blocks the thread: where the tasks that log need this
    /// very thread, as in a runtime that has no other, await them instead.
    ///
    /// # Panics
    /// When there are fewer after so long.
    #[track_caller]
    pub fn wait_for(&self, records: usize, timeout: Duration) -> Vec<Record> {
        let deadline = Instant::now() + timeout;
        let mut taken = self.lock();
        while taken.len() < records {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let taken = taken.clone();
                panic!(
                    "{} of {records} records came within {timeout:?}{}",
                    taken.len(),
                    listed(&taken)
                );
            }
            taken = self
                .0
                .more
                .wait_timeout(taken, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        taken.clone()
    }
}

/// Each record on a line of its own, behind a colon.
fn listed(records: &[Record]) -> String {
    let lines = records.iter().map(|record| format!("\n  {record}"));
    match records.is_empty() {
        true => String::new(),
        false => format!(":{}", lines.collect::<String>()),
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logs{}", listed(&self.lock()))
    }
}
