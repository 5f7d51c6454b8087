//! A journal whose memory was lost under it: what is known of it then, and what is left in its file. How the loss is noticed
//! is `sigbus`'s; the log goes on as in a forked child.

use super::{Journal, Lane, Shared, fork, layout::LANE_COMMITTED};
#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
use super::{sigbus, sync::Ordering::Acquire};
#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
use crate::Error;
use std::sync::{MutexGuard, PoisonError};

const NONE: Lane = Lane { next_seq: 0, lost: 0 };

impl Journal {
    /// Has it survive that somebody makes its file shorter: the log goes on in another one, and what sinks had not taken
    /// of this one is lost. Without it that ends the process by SIGBUS. A journal in memory needs none of it.
    ///
    /// # Errors
    /// When the system takes no handler.
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    pub(crate) fn survive_sigbus(&self) -> Result<(), Error> {
        let shared = &*self.shared;
        if shared.file.is_none() {
            return Ok(());
        }
        let start = shared.region.start();
        // SAFETY: the region is mapped as long as `shared` lives, which forgets it when it is dropped. Whoever reads or
        // writes in it holds `shared`, and can stand zeros: readers end at them, writers only add to them.
        unsafe { sigbus::guard(start, shared.layout.len(), &shared.generation) }
    }

    /// Whether its memory was lost under it.
    pub(crate) fn is_cut(&self) -> bool {
        self.shared.is_cut()
    }

    /// Makes an empty journal of its file once its memory is lost, for the next process to read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn mend(&self) -> std::io::Result<()> {
        #[cfg(all(target_os = "linux", not(loom)))]
        if let Some(file) = self.shared.file.as_ref().filter(|_| self.is_cut()) {
            return file.mend(&self.shared.layout);
        }
        Ok(())
    }

    /// Whether it was made by a process that this one was forked from.
    pub(crate) fn is_forked(&self) -> bool {
        self.shared.is_forked()
    }

    /// Notes each lane's count: what is known of them should the memory be lost.
    pub(crate) fn note_lanes(&self) {
        if !self.is_inherited() && self.is_durable() {
            let lanes = self.lanes();
            if !self.is_cut() {
                *self.shared.noted() = lanes;
            }
        }
    }
}

impl Shared {
    pub(crate) fn is_forked(&self) -> bool {
        self.born != fork::generation()
    }

    pub(crate) fn is_cut(&self) -> bool {
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        return self.generation.load(Acquire) == sigbus::CUT;
        #[cfg(not(all(target_os = "linux", not(loom), feature = "signals")))]
        false
    }

    fn noted(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a lane had counted at least when the memory was lost: what was noted, or what was written since.
    pub(crate) fn known(&self, lane: u32) -> Lane {
        let known = self.known.get_or_init(|| {
            let noted = self.noted();
            let lane = |at: u32| {
                let found = self.lane_in_place(at);
                let noted = noted.get(at as usize).copied().unwrap_or(NONE);
                if noted.next_seq < found.next_seq {
                    found
                } else {
                    noted
                }
            };
            (0..self.lane_count()).map(lane).collect()
        });
        known.get(lane as usize).copied().unwrap_or(NONE)
    }

    pub(super) fn committed(&self, lane: u32) -> u64 {
        match self.is_cut() {
            true => self.known(lane).next_seq,
            false => self.lane_word(lane, LANE_COMMITTED),
        }
    }
}
