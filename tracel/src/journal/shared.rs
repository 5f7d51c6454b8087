//! What is done with what all threads of a journal share: counting its lanes, waking its readers, waiting for room, finding
//! the journal of a forked child. Who holds which chunk is `pool`'s to know.

#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
use super::sigbus;
use super::{
    Journal, Lane, Shared, fork,
    layout::{self, LANE_ANNOUNCED, LANE_COMMITTED, LANE_LOST_TO},
    reader::Tally,
    sync::{
        Ordering::{Acquire, Relaxed, Release},
        lock,
    },
};
use crate::stats::{self, Source, Stats};
use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};
impl Shared {
    pub(super) fn write_header(&self) {
        for (at, &value) in self.layout.words().iter().enumerate().take(layout::HEADER / 8) {
            // SAFETY: a word of the region's header; nobody else has the region yet.
            unsafe { self.region.word(at * 8) }.store(value, Release);
        }
    }

    pub(crate) fn is_durable(&self) -> bool {
        #[cfg(all(target_os = "linux", not(loom)))]
        return self.file.is_some();
        #[cfg(not(all(target_os = "linux", not(loom))))]
        false
    }

    #[inline]
    pub(crate) fn is_inherited(&self) -> bool {
        self.generation.load(Relaxed) != fork::generation()
    }

    /// The journal in which this process goes on, which is not the one that made this.
    pub(super) fn heir(&self) -> Option<&Journal> {
        if self.heir.get().is_none() {
            let _making = fork::making();
            if self.heir.get().is_none() {
                let heir = self.revive.get().and_then(|revive| revive());
                // Nobody else sets it meanwhile.
                let _ = self.heir.set(heir);
            }
        }
        self.heir.get()?.as_ref()
    }

    /// How many lanes there are to be looked at. In a forked child they may not even be mapped.
    pub(super) fn lane_count(&self) -> u32 {
        match self.is_forked() {
            true => 0,
            false => self.lanes.load(Acquire),
        }
    }

    pub(super) fn lane_word(&self, lane: u32, word: usize) -> u64 {
        // SAFETY: a word of the lane's entry.
        unsafe { self.region.word(self.layout.lane(lane) + word) }.load(Acquire)
    }

    /// A lane that is written to meanwhile counts a little less than it has, never more lost than there were.
    pub(super) fn lane(&self, lane: u32) -> Lane {
        let found = self.lane_in_place(lane);
        if self.is_cut() { self.known(lane) } else { found }
    }

    pub(super) fn lane_in_place(&self, lane: u32) -> Lane {
        let announced = self.lane_word(lane, LANE_ANNOUNCED);
        let lost_to = self.lane_word(lane, LANE_LOST_TO);
        let committed = self.lane_word(lane, LANE_COMMITTED);
        Lane {
            next_seq: committed.max(lost_to),
            lost: announced + lost_to.saturating_sub(committed),
        }
    }

    /// Whether chunks run short.
    pub(crate) fn is_short(&self) -> bool {
        self.ahead.free.load(Relaxed) < self.layout.chunks / 2
    }

    /// Wakes the readers' threads that sleep.
    pub(super) fn ring(&self) {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.iter().flatten().for_each(|tally| tally.bell.ring());
    }

    pub(super) fn hang(&self, slot: usize, tally: Option<Arc<Tally>>) {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)[slot] = tally;
    }

    /// Waits until a chunk is free; false when it is too late, or nobody is left who could free one.
    pub(super) fn wait_for_room(&self, until: Instant) -> bool {
        let mut pool = lock(&self.pool);
        while pool.free.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || pool.live == 0 {
                return false;
            }
            pool.waiting += 1;
            pool = self
                .room
                .wait_timeout(pool, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            pool.waiting -= 1;
        }
        true
    }
}

impl Source for Shared {
    fn add_to(&self, sum: &mut Stats) {
        for lane in (0..self.lane_count()).map(|lane| self.lane(lane)) {
            stats::add(&mut sum.written, lane.next_seq.saturating_sub(lane.lost));
            stats::add(&mut sum.dropped, lane.lost);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        if self.file.is_some() {
            sigbus::forget(self.region.start());
        }
        stats::retire(self);
    }
}
