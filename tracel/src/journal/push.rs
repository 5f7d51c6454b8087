//! Pushing: a record on its way into its thread's lane, and what is done when the lane cannot take it. How a lane is written
//! is said in `lane`.

use super::{Journal, OnFull, drains, lane::Refusal, slot, sync::lock};
use crate::stats;
use std::{
    hint::cold_path,
    time::{Duration, Instant},
};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Pushed {
    /// It is in the journal, and every reader will see it.
    Written,
    /// The journal was full. It is counted under its `seq`.
    Dropped,
    /// It is longer than a chunk holds. It is counted under its `seq`.
    TooLong,
}

impl Journal {
    /// Copies a record into this thread's lane. Never waits, but for [`OnFull::Block`]. In a forked child it goes to the
    /// child's own journal, see [`at_fork`](Journal::at_fork).
    #[inline(always)]
    pub fn push(&self, payload: &[u8]) -> Pushed {
        if self.is_inherited() {
            return self.push_to_heir(payload);
        }
        self.push_own(payload)
    }

    /// The same of a record that names a definition of this journal, which another would not know: `None` where the record
    /// would go to another one.
    #[inline(always)]
    pub(crate) fn push_here(&self, payload: &[u8]) -> Option<Pushed> {
        if self.is_inherited() {
            cold_path();
            return None;
        }
        Some(self.push_own(payload))
    }

    #[inline(always)]
    fn push_own(&self, payload: &[u8]) -> Pushed {
        match self.attempt(payload, self.shared.on_full == OnFull::DropNewest) {
            Ok(()) => Pushed::Written,
            Err(refusal) => self.refused(payload, refusal),
        }
    }

    /// The journal that this process writes to: another one in a forked child, and where this one's memory is gone.
    #[inline(always)]
    pub(crate) fn current(&self) -> &Journal {
        match self.is_inherited() {
            true => self.heir_or_self(),
            false => self,
        }
    }

    #[cold]
    #[inline(never)]
    fn heir_or_self(&self) -> &Journal {
        self.shared.heir().map_or(self, Journal::current)
    }

    /// Makes it as it is in a forked child.
    #[cfg(test)]
    pub(crate) fn disinherit(&self) {
        self.shared
            .generation
            .store(u32::MAX - 1, std::sync::atomic::Ordering::Relaxed);
    }

    /// What tells it from all others of the process.
    #[inline(always)]
    pub(crate) fn id(&self) -> u64 {
        self.shared.id
    }

    #[cold]
    #[inline(never)]
    fn push_to_heir(&self, payload: &[u8]) -> Pushed {
        match self.shared.heir() {
            Some(heir) => heir.push(payload),
            None => {
                stats::UNHEARD.add(1);
                Pushed::Dropped
            }
        }
    }

    #[inline(always)]
    fn attempt(&self, payload: &[u8], last: bool) -> Result<(), Refusal> {
        let shared = &self.shared;
        match slot::with(shared, |writer| writer.push(shared, payload, last)) {
            Some(result) => result,
            None => self.attempt_common(payload, last),
        }
    }

    #[cold]
    fn attempt_common(&self, payload: &[u8], last: bool) -> Result<(), Refusal> {
        match &self.shared.common {
            Some(common) => lock(common).push(&self.shared, payload, last),
            // Not reached: the first lane is opened before anyone can push.
            None => Err(Refusal::Full),
        }
    }

    #[cold]
    fn refused(&self, payload: &[u8], refusal: Refusal) -> Pushed {
        let OnFull::Block(time) = self.shared.on_full else {
            self.shared.ring();
            return Pushed::from(refusal);
        };
        if refusal == Refusal::TooLong {
            return Pushed::TooLong;
        }
        // A shipper's thread would wait for itself.
        let until = Instant::now() + if drains() { Duration::ZERO } else { time };
        loop {
            self.shared.ring();
            let last = !self.shared.wait_for_room(until);
            match self.attempt(payload, last) {
                Ok(()) => return Pushed::Written,
                Err(refusal) if last => return Pushed::from(refusal),
                Err(_) => {}
            }
        }
    }
}

impl From<Refusal> for Pushed {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Pushed::Dropped,
            Refusal::TooLong => Pushed::TooLong,
        }
    }
}
