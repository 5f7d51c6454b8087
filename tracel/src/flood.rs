//! Flood control: how many records a period admits, and what is known of those that it held back. Whose records they
//! are, and who tells of them, is not known here.

use std::{
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    time::{Duration, Instant},
};

/// A tick is a hundredth of a second: 32 bits of them are 497 days.
const TICKS: u64 = 100;

/// A long period's flood is told of while it lasts, this often.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// At most so many in a period, over all threads. The period begins with its first record, so two bursts beside each
/// other may pass twice as many in less time than one period. `F` is what is kept of the first that is held back.
///
/// While there is room a record costs one atomic addition; the clock, a monotonic one, is read when there is none.
#[derive(Debug)]
pub(crate) struct Flood<F> {
    count: u32,
    /// The period, in ticks.
    period: u32,
    /// The period's begin in ticks, then how many it has admitted: one word, so that no thread sees half of a change.
    state: AtomicU64,
    /// How many were held back since they were told of last; leaves 0 under the lock of `first` only.
    held: AtomicU64,
    first: Mutex<Option<(Instant, F)>>,
}

impl<F> Flood<F> {
    /// At most `count` in each period of so many seconds.
    pub(crate) const fn new(count: u64, seconds: u64) -> Self {
        // Half of what 32 bits hold: threads that meet add a few too many before they see that there is no room.
        const MOST: u64 = u32::MAX as u64 / 2;
        let ticks = seconds.saturating_mul(TICKS);
        Flood {
            count: if count < MOST { count as u32 } else { MOST as u32 },
            period: if ticks < MOST { ticks as u32 } else { MOST as u32 },
            state: AtomicU64::new(0),
            held: AtomicU64::new(0),
            first: Mutex::new(None),
        }
    }

    /// Whether this record may pass.
    #[inline]
    pub(crate) fn admits(&self) -> bool {
        let has_room = |state: u64| (state as u32) < self.count;
        has_room(self.state.load(Relaxed)) && has_room(self.state.fetch_add(1, Relaxed))
            || self.admits_at(now())
    }

    /// What is asked when the period is full: whether it is over.
    #[cold]
    fn admits_at(&self, now: u32) -> bool {
        let mut state = self.state.load(Relaxed);
        loop {
            let next = if now.wrapping_sub((state >> 32) as u32) >= self.period {
                u64::from(now) << 32 | 1
            } else if (state as u32) < self.count {
                state + 1
            } else {
                return false;
            };
            match self.state.compare_exchange_weak(state, next, Relaxed, Relaxed) {
                Ok(_) => return true,
                Err(other) => state = other,
            }
        }
    }

    /// Counts a record that may not pass; of the first one since [`take`](Flood::take), `first` is kept.
    #[cold]
    pub(crate) fn hold(&self, first: impl FnOnce() -> F) {
        let one_more = |held: u64| (held > 0).then_some(held + 1);
        if self.held.fetch_update(AcqRel, Acquire, one_more).is_err() {
            // Made outside the lock: it may run other code.
            let first = (Instant::now(), first());
            let mut slot = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            slot.get_or_insert(first);
            self.held.fetch_add(1, AcqRel);
        }
    }

    /// How many are held back and not told of.
    fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// What is to be told, when it is time or `now`: the first that was held back, and how many.
    pub(crate) fn take(&self, now: bool) -> Option<(F, u64)> {
        if self.held() == 0 {
            return None;
        }
        let mut slot = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let interval = Duration::from_millis(u64::from(self.period) * 1000 / TICKS).min(LONGEST_SILENCE);
        let (_, first) = slot.take_if(|(since, _)| now || since.elapsed() >= interval)?;
        Some((first, self.held.swap(0, AcqRel)))
    }
}

/// Ticks since the first call.
fn now() -> u32 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let ticks = BEGIN.get_or_init(Instant::now).elapsed().as_millis() as u64 / (1000 / TICKS);
    // It wraps, and only differences are looked at.
    ticks as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::atomic::AtomicUsize, thread};

    #[test]
    fn a_period_admits_its_count_and_the_next_one_again() {
        let flood = Flood::<()>::new(3, 2);
        let admitted = |at: u32| (0..10).filter(|_| flood.admits_at(at)).count();
        // A period may begin anywhere, also where the ticks wrap.
        for begin in [1_000, 5_000, u32::MAX - 100, 500] {
            assert_eq!(admitted(begin), 3);
            assert_eq!(admitted(begin.wrapping_add(199)), 0);
            assert_eq!(admitted(begin.wrapping_add(200)), 3);
        }
    }

    #[test]
    fn threads_that_meet_pass_no_more_than_the_count_and_none_is_forgotten() {
        let flood = Flood::<usize>::new(1000, 3600);
        let (admitted, told) = (AtomicUsize::new(0), AtomicU64::new(0));
        // As if the period had just begun, for the first one lasts since the process's begin.
        flood.state.store(u64::from(now()) << 32, Relaxed);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (flood, admitted, told) = (&flood, &admitted, &told);
                scope.spawn(move || {
                    for n in 0..20_000 {
                        match flood.admits() {
                            true => _ = admitted.fetch_add(1, Relaxed),
                            false => flood.hold(|| thread),
                        }
                        if n % 1000 == 0 {
                            let count = flood.take(true).map_or(0, |(first, count)| {
                                assert!(first < 8 && count > 0);
                                count
                            });
                            told.fetch_add(count, Relaxed);
                        }
                    }
                });
            }
        });
        let rest = flood.take(true).map_or(0, |(_, count)| count);
        assert_eq!(admitted.into_inner(), 1000);
        assert_eq!(told.into_inner() + rest, 8 * 20_000 - 1000);
        assert_eq!((flood.held(), flood.take(true)), (0, None));
    }

    #[test]
    fn what_was_held_back_is_told_once_an_interval() {
        let flood = Flood::<&str>::new(1, 3600);
        flood.hold(|| "first");
        flood.hold(|| "second");
        assert_eq!(flood.take(false), None, "the interval is not over");
        assert_eq!(flood.take(true), Some(("first", 2)));
        assert_eq!(flood.take(true), None);
        flood.hold(|| "third");
        assert_eq!(flood.take(true), Some(("third", 1)));
    }
}
