//! What one sink's thread has to tell people, by kind. How it is told is `crate::report`'s.

use crate::report::{Report, Teller};
use std::time::Duration;

/// What one sink's thread has to tell, by kind.
pub(super) struct Tellers {
    /// It fails, and is tried again.
    pub(super) failing: Teller,
    /// Records are refused for what they hold.
    pub(super) refusing: Teller,
    /// Records are lost.
    pub(super) dropping: Teller,
}

impl Tellers {
    pub(super) fn new(report: &Report, every: Duration) -> Self {
        let teller = || Teller::new(report.clone(), every);
        Tellers {
            failing: teller(),
            refusing: teller(),
            dropping: teller(),
        }
    }
}
