//! Spilling: while the sink is behind and the journal runs short, what the journal holds moves to disk. How lines lie
//! there is the spool's business, and reading them again is `fill`'s.
//!
//! As long as the spool has something unread, nothing of the own journal is on its way to the sink: all of that comes
//! later in order.

use super::Work;
use crate::{
    shipper::{
        Order,
        job::{OWN, SPOOL},
        origin::Mark,
    },
    spool::{Entry, Refusal, Spool},
};
use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

/// How long a spool that has taken nothing is left alone.
const REST: Duration = Duration::from_millis(500);
/// How many bytes of batches are moved before the sink is looked after again: 8 to 32 batches, however small a sink wants them.
const AT_ONCE: usize = 8 << 20;

impl Work {
    /// Moves what the own journal holds when that runs short while the sink is behind. True when anything moved.
    pub(super) fn spill(&mut self) -> bool {
        if self.spool.is_none() || !self.own.as_ref().is_some_and(|own| own.origin.is_short()) {
            // A sink that has stalled is not waited for again before it has acknowledged something.
            if self.heard || self.short.is_some_and(|since| since.elapsed() < self.patience) {
                self.short = None;
            }
            return false;
        }
        let may = self.spills_again.is_none_or(|again| again <= Instant::now());
        if !(may && self.is_behind() && self.is_stalled()) {
            return false;
        }
        let moved = self.move_to_spool().0;
        if std::mem::take(&mut self.heard) {
            // It works on what is on disk: that becomes less only while not more is put there.
            self.short = None;
        }
        moved
    }

    /// Whether the sink brings no room for those who wait: it fails, or what the journal holds has not moved for too long.
    fn is_stalled(&mut self) -> bool {
        let since = *self.short.get_or_insert_with(Instant::now);
        self.rest.is_some() || since.elapsed() >= self.patience
    }

    /// Whether the sink gets more than it takes.
    fn is_behind(&self) -> bool {
        let unread = self.spool.as_ref().is_some_and(Spool::has_unread);
        self.rest.is_some() || self.is_full() || unread || !self.adopted.is_empty()
    }

    /// Moves what the own journal holds and what of it is on its way: whether anything moved, and whether all did.
    pub(super) fn move_to_spool(&mut self) -> (bool, bool) {
        let mut moved = false;
        let result = self.try_move(&mut moved);
        if result.is_err() {
            self.spills_again = Some(Instant::now() + REST);
        }
        // A reader whose spool takes nothing can be overtaken, as if it had none.
        if let Some(own) = &self.own {
            own.origin.hold(result.is_ok());
        }
        self.count_kept();
        (moved, matches!(result, Ok(true)))
    }

    fn try_move(&mut self, moved: &mut bool) -> Result<bool, Refusal> {
        let (Some(own), Some(spool)) = (&mut self.own, &mut self.spool) else {
            return Ok(false);
        };
        // Batches that are on their way go on under the same ids. Their lines on disk are passed over: nothing that is
        // unread lies before them.
        for job in self.jobs.iter_mut().filter(|job| job.source == OWN) {
            put(spool, job.rest())?;
            spool.pass();
            let mark = job.move_to(SPOOL, Mark::Spool(spool.mark()));
            own.origin.ack(mark);
            *moved = true;
        }
        for _ in 0..self.batching.of(AT_ONCE).clamp(8, 32) {
            if !self.open.is_full(&self.batching) {
                own.read(&mut self.open, &self.batching, &self.name, &mut self.tellers);
            }
            let all = self.open.len();
            // Also without a line: what was read and came to nothing need not be kept.
            put(spool, self.open.entries())?;
            let mark = own.origin.mark();
            own.origin.ack(mark);
            let refused = &self.control.counts.refused;
            refused.fetch_add(self.open.refused, Relaxed);
            self.open.clear();
            self.since = None;
            if all == 0 {
                return Ok(true);
            }
            *moved = true;
        }
        Ok(false)
    }

    /// Puts on disk what could not be delivered, at the end. True when all that the order means is there.
    pub(super) fn keep(&mut self, order: &Order) -> bool {
        let has_end = |work: &Work| match (&work.own, order) {
            (Some(own), Order::Own { upto, .. }) => own.origin.has_acked(upto),
            _ => false,
        };
        while self.spool.is_some() && self.spills_again.is_none_or(|again| again <= Instant::now()) {
            let (moved, all) = self.move_to_spool();
            if all || has_end(self) {
                return true;
            }
            if !moved {
                break;
            }
        }
        false
    }

    /// Shows the handle what is kept.
    pub(super) fn count_kept(&self) {
        if let Some(spool) = &self.spool {
            let kept = &self.control.counts.kept;
            kept.store(spool.left(), Relaxed);
        }
    }
}

/// Puts all of these lines on disk, or none.
fn put<'a>(spool: &mut Spool, mut entries: impl Iterator<Item = Entry<'a>>) -> Result<(), Refusal> {
    entries.try_for_each(|entry| spool.append(entry))?;
    spool.commit()
}
