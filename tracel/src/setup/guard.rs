//! What keeps a started log going: the [`Guard`].

use super::pipeline::Pipeline;
use crate::{Error, journal::Journal, shipper::Report};
use std::{
    cell::RefCell,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing_core::callsite;

/// Keeps the log going: when it is dropped, what is pending is written, within the deadline.
///
/// Bind it for all of `main`, `let _guard = ..`: `let _ = ..` drops it at once. What is logged after the guard of
/// [`start`](super::Init::start) was dropped goes to no sink; it is counted, and told on stderr when the thread that dropped it ends.
#[must_use = "the log ends when the guard is dropped: bind it, `let _guard = …`"]
pub struct Guard {
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) deadline: Duration,
    /// Whether it is of the process's own subscriber, which stays.
    pub(super) is_global: bool,
}

impl Guard {
    /// Waits until every sink has all that was logged before this call, at most so long.
    ///
    /// # Errors
    /// When a sink has not; nothing is lost by that.
    pub fn flush(&self, deadline: Duration) -> Result<(), Error> {
        match self.pipeline.flush(Instant::now() + deadline) {
            true => Ok(()),
            false => Err(
                Error::new(format!("a sink has not taken every record within {deadline:?}"))
                    .help("see what it said on stderr; the records are kept and tried again"),
            ),
        }
    }

    /// Changes the levels while the service runs: `warn,payment=debug`.
    ///
    /// # Errors
    /// When a directive is wrong; the others are in force.
    pub fn set_levels(&self, directives: &str) -> Result<(), Error> {
        let wrong = self.pipeline.set_levels(directives);
        callsite::rebuild_interest_cache();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::new(wrong.join("; ")).at("levels")),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.pipeline.stop(Instant::now() + self.deadline);
        // A layer in a stack of somebody's may go with its guard; the process's own subscriber stays.
        let Some(journal) = self.pipeline.current().filter(|_| self.is_global) else {
            return;
        };
        thread_local! {
            static LATE: RefCell<Vec<Late>> = const { RefCell::new(Vec::new()) };
        }
        let written = journal.written();
        // Where the thread's locals are gone already, nobody can ask later.
        let _ = LATE.try_with(|all| all.borrow_mut().push(Late { journal, written }));
    }
}

/// Looks once more when its thread ends, as the main thread does at the end of `main`: what was logged after the log's end
/// went to no sink, and a log that ended by `let _ = ..start()` had not even begun.
struct Late {
    journal: Journal,
    written: u64,
}

impl Drop for Late {
    fn drop(&mut self) {
        let count = self.journal.written().saturating_sub(self.written);
        if count > 0 {
            let records = if count == 1 { "record was" } else { "records were" };
            Report::default().say(&format!(
                "{count} {records} logged after the log's guard was dropped, and went to no sink: keep it until the end of `main`, \
                 `let _guard = ..` (`let _ = ..` drops it at once)"
            ));
        }
    }
}
