//! `null:` counts and drops, for measuring.

use super::{Batch, SendError, Sent, Sink};

/// Takes everything.
#[derive(Clone, Debug, Default)]
pub struct Null {
    /// How many lines it was given.
    pub lines: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Sink for Null {
    fn name(&self) -> String {
        "null:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        self.lines += batch.lines as u64;
        self.bytes += batch.bytes.len() as u64;
        Ok(Sent::Acknowledged)
    }
}
