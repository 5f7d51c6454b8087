//! What keeps a started log going: the [`Guard`].

use super::pipeline::Pipeline;
use crate::Error;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing_core::callsite;

/// Keeps the log going: when it is dropped, what is pending is written, within the deadline.
#[must_use = "the log ends when the guard is dropped: bind it, `let _guard = …`"]
pub struct Guard {
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) deadline: Duration,
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
    }
}
