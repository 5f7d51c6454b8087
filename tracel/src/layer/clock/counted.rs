//! The clock by the counter of an x86-64 processor, on Linux.

use super::Moment;
use crate::journal::counter::{is_trusted, ticks};
use std::{
    cell::Cell,
    sync::{
        Mutex, Once,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// How long a thread counts on from what the kernel's clock said, in nanoseconds.
const HOLDS: u64 = 1_000_000;
/// How long it takes to know the pace, and how long to the next look at it.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LOOK: Duration = Duration::from_millis(100);
/// Two readings of the counter with one of the clock between them take some 80 ticks. What lies farther apart was interrupted.
const NEAR: u64 = 500;
/// A pace that differs from the last one by more than one part in so many is not believed. NTP changes it by less.
const EVEN: u64 = 1_000;

/// Where a thread counts from.
#[derive(Clone, Copy)]
struct Anchor {
    ticks: u64,
    /// It holds for fewer ticks than that, and never into the next second.
    holds: u64,
    pace: u64,
    at: Moment,
}

thread_local! {
    // It has nothing to be dropped, so a thread that is ending still has it.
    static ANCHOR: Cell<Anchor> = const {
        Cell::new(Anchor { ticks: 0, holds: 0, pace: 0, at: Moment::EPOCH })
    };
}

/// Nanoseconds in a tick, times 2^32; 0 while the kernel is asked for each record.
static PACE: AtomicU64 = AtomicU64::new(0);
/// When somebody should look at the pace, in ticks; never, where the counter is not trusted.
static NEXT: AtomicU64 = AtomicU64::new(u64::MAX);
/// The last look.
static LAST: Mutex<Option<(u64, Instant)>> = Mutex::new(None);

/// Finds out once whether the counter is any good.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where each reading is a call of the host, or of a tool that emulates it, the clock is quicker.
        let is_quick = || (0..16).any(|_| near(Instant::now).is_some());
        if is_trusted() && is_quick() {
            NEXT.store(0, Relaxed);
        }
    });
}

/// The time.
#[inline(always)]
pub(crate) fn now() -> Moment {
    ANCHOR.with(|anchor| {
        let Anchor {
            ticks: from,
            holds,
            pace,
            at,
        } = anchor.get();
        // Nothing holds where nobody has looked whether the counter may be read. From one that is a little behind, on
        // another processor, this is a great number.
        if holds > 0 {
            let since = ticks().wrapping_sub(from);
            if since < holds {
                return at.later(((since * pace) >> 32) as u32);
            }
        }
        renew(anchor)
    })
}

/// Asks the kernel, and lets the thread count from there.
#[cold]
#[inline(never)]
fn renew(anchor: &Cell<Anchor>) -> Moment {
    let next = NEXT.load(Relaxed);
    if next == u64::MAX {
        return Moment::now();
    }
    if ticks() >= next {
        look();
    }
    let pace = PACE.load(Relaxed);
    if pace == 0 {
        anchor.update(|last| Anchor { holds: 0, ..last });
        return Moment::now();
    }
    let Some((ticks, at)) = near(Moment::now) else {
        return Moment::now();
    };
    let holds = (HOLDS.min(at.left_of_second()) << 32) / pace;
    anchor.set(Anchor {
        ticks,
        holds,
        pace,
        at,
    });
    at
}

/// Compares the counter's pace with the clock's, when it is time for that.
fn look() {
    let (Ok(mut last), Some(now)) = (LAST.try_lock(), near(Instant::now)) else {
        return;
    };
    let known = PACE.load(Relaxed);
    let since = last.map(|(ticks, at)| (now.0.wrapping_sub(ticks), now.1 - at));
    let pace = match since {
        Some((_, time)) if time < if known > 0 { LOOK } else { FIRST_LOOK } => return,
        Some((ticks, time)) => pace(ticks, time, known).unwrap_or(0),
        None => 0,
    };
    *last = Some(now);
    PACE.store(pace, Relaxed);
    // Not known: at the next record.
    let wait = ((LOOK.as_nanos() as u64) << 32).checked_div(pace);
    NEXT.store(wait.map_or(0, |wait| now.0.saturating_add(wait)), Relaxed);
}

/// Of so many ticks in that time; `None` where it is none that a processor has, or not the one that was known.
fn pace(ticks: u64, time: Duration, known: u64) -> Option<u64> {
    let pace = (time.as_nanos() << 32).checked_div(u128::from(ticks))?;
    // From 100 MHz to 10 GHz.
    let pace = u64::try_from(pace)
        .ok()
        .filter(|pace| ((1 << 32) / 10..10 << 32).contains(pace))?;
    (known == 0 || pace.abs_diff(known) <= known / EVEN).then_some(pace)
}

/// What `read` gave, and the counter in the middle of that; `None` if something came between.
#[inline]
fn near<T>(read: impl Fn() -> T) -> Option<(u64, T)> {
    let before = ticks();
    let read = read();
    let took = ticks().wrapping_sub(before);
    (took < NEAR).then(|| (before + took / 2, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pace_is_believed_while_it_is_even() {
        let known = pace(2_600_000_000, SECOND, 0).unwrap();
        assert_eq!(
            (2_600 * known) >> 32,
            999,
            "nanoseconds of as many ticks, rounded down"
        );
        // NTP may change the clock's by one part in two thousand.
        assert!(pace(2_601_300_000, SECOND, known).is_some());
        for other in [2_605_200_000, 2_594_800_000, 1_300_000_000] {
            assert_eq!(pace(other, SECOND, known), None, "{other}");
        }
    }

    #[test]
    fn a_pace_that_no_processor_has_is_not_believed() {
        // Stopped, turned back, far too slow, far too quick.
        for ticks in [0, u64::MAX - 5, 50_000_000, 20_000_000_000] {
            assert_eq!(pace(ticks, SECOND, 0), None, "{ticks}");
        }
        // A process may sleep for a year between two records.
        assert!(pace(2_600_000_000 * 86_400 * 365, SECOND * 86_400 * 365, 0).is_some());
    }

    #[test]
    fn it_says_what_the_kernels_clock_says() {
        prepare();
        // What an interrupt may take between two readings.
        let near = Duration::from_micros(1);
        let (end, mut counted) = (Instant::now() + SECOND * 3 / 2, 0);
        while Instant::now() < end {
            let before = Moment::from(SystemTime::now() - near);
            let now = now();
            let after = Moment::from(SystemTime::now() + near);
            assert!(before <= now && now <= after, "{before:?} {now:?} {after:?}");
            counted += u64::from(ANCHOR.get().holds > 0);
        }
        // Otherwise there is nothing to be seen here: each record asks the kernel.
        let is_known = PACE.load(Relaxed) > 0;
        assert_eq!(is_known, counted > 0);
        assert!(
            is_known || NEXT.load(Relaxed) == u64::MAX,
            "a counter that is trusted is used"
        );
    }

    #[test]
    fn a_thread_asks_again_when_its_anchor_has_aged_or_the_counter_lies_behind() {
        let read = |from: u64, holds| {
            let at = Moment::EPOCH;
            ANCHOR.set(Anchor {
                ticks: from,
                holds,
                pace: 1 << 32,
                at,
            });
            now()
        };
        let one = (1 << 40, 1);
        // A tick is a nanosecond here: it counts from 1970 while the anchor holds.
        assert!(read(ticks() - 10, one.0) < Moment::EPOCH.later(999_999_999));
        for (from, holds) in [(ticks() - 10, one.1), (ticks() + (1 << 30), 1_000_000)] {
            assert!(
                read(from, holds) > Moment::EPOCH.later(999_999_999),
                "the kernel knows better"
            );
        }
    }
}
