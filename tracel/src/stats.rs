//! What the process counts: [`Stats`], the counters behind it, and who contributes. Not how it is told.

use crate::apart::Apart;
use std::{
    any::Any,
    cell::Cell,
    fmt,
    sync::{
        Mutex, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

/// Counters of this process since its start; see [`stats`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Records that the journal accepted.
    pub written: u64,
    /// Records that it could not: it was full, or the record was longer than a chunk. Each took its `seq`.
    pub dropped: u64,
    /// Records that sinks acknowledged; with several sinks each counts for itself.
    pub shipped: u64,
    /// Failed attempts at a batch that were tried again.
    pub retried: u64,
    /// Records that a sink refused for what they hold; each was named on stderr.
    pub refused: u64,
    /// Records that a sink was too slow for, while others were not: it missed them.
    pub overrun: u64,
    /// Records that a sink had not acknowledged when it was stopped or its output was closed.
    pub lost: u64,
    /// Records that were logged outside any request.
    pub orphaned: u64,
    /// Records that were longer than `max_record` and were cut.
    pub cut: u64,
    /// Records that flood control held back: they took no `seq`, and one record an interval counts them.
    pub held: u64,
    /// Lost records that were announced by a record in their place; with several sinks each counts for itself.
    pub announced: u64,
    /// Records of a process that died, which this one delivered in its place; they are among those shipped.
    pub recovered: u64,
    /// Requests whose `traceparent`, `tracestate` or `baggage` was broken or came from someone whom `policy.trust` does
    /// not trust; what was sound of it was taken.
    pub headers_refused: u64,
    /// Records that were put on disk because a sink was behind; with several sinks each counts for itself.
    pub spooled: u64,
    /// What lies there now, in bytes.
    pub spool_bytes: u64,
    /// Records that were put there and could not be read any more.
    pub damaged: u64,
    /// Records that were not delivered when a sink was stopped, and are kept on disk for the next start.
    pub pending: u64,
}

/// The counters of this process (a forked child begins at zero), over all journals and sinks that it ever had. Each figure is exact once the threads
/// that log have rested; they are not read at one instant.
#[must_use]
pub fn stats() -> Stats {
    let (mut sum, live) = {
        let sources = SOURCES.lock().unwrap_or_else(PoisonError::into_inner);
        // Added without the lock: one of them may be the last of its kind, and retires when it is dropped here.
        let live: Vec<_> = sources.live.iter().filter_map(Weak::upgrade).collect();
        (sources.retired, live)
    };
    live.iter().for_each(|source| source.add_to(&mut sum));
    add(&mut sum.dropped, UNHEARD.get());
    add(&mut sum.overrun, OVERRUN.get());
    add(&mut sum.orphaned, ORPHANED.get());
    add(&mut sum.cut, CUT.get());
    add(&mut sum.held, HELD.get());
    add(&mut sum.recovered, RECOVERED.get());
    add(&mut sum.headers_refused, HEADERS_REFUSED.get());
    sum
}

/// Adds to a sum. It ends at the largest number: what a file on disk says of its losses may be anything.
pub(crate) fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

impl Stats {
    /// Records that are lost, for one sink or for all.
    #[must_use]
    pub fn losses(&self) -> u64 {
        [self.dropped, self.refused, self.overrun, self.lost, self.damaged]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// All of them, under the names that the census gives them.
    pub(crate) fn named(&self) -> [(&'static str, u64); 17] {
        [
            ("tracel_written", self.written),
            ("tracel_dropped", self.dropped),
            ("tracel_shipped", self.shipped),
            ("tracel_retried", self.retried),
            ("tracel_refused", self.refused),
            ("tracel_overrun", self.overrun),
            ("tracel_undelivered", self.lost),
            ("tracel_orphaned", self.orphaned),
            ("tracel_cut", self.cut),
            ("tracel_held", self.held),
            ("tracel_announced", self.announced),
            ("tracel_recovered", self.recovered),
            ("tracel_headers_refused", self.headers_refused),
            ("tracel_spooled", self.spooled),
            ("tracel_spool_bytes", self.spool_bytes),
            ("tracel_damaged", self.damaged),
            ("tracel_pending", self.pending),
        ]
    }
}

impl fmt::Display for Stats {
    /// Those that are not zero: `written 10, dropped 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (name, count) in self.named().into_iter().filter(|(_, count)| *count > 0) {
            let name = name.strip_prefix("tracel_").unwrap_or(name);
            write!(f, "{comma}{name} {count}")?;
            comma = ", ";
        }
        Ok(())
    }
}

/// Records of a forked child that has no journal.
pub(crate) static UNHEARD: Counter = Counter::new();
/// Records that a reader was overtaken at.
pub(crate) static OVERRUN: Counter = Counter::new();
/// Records outside any request.
pub(crate) static ORPHANED: Counter = Counter::new();
/// Records that were cut.
pub(crate) static CUT: Counter = Counter::new();
/// Records that flood control held back.
pub(crate) static HELD: Counter = Counter::new();
/// Records that were delivered in a dead process's place.
pub(crate) static RECOVERED: Counter = Counter::new();
/// Headers of a context that were not taken, or not whole.
pub(crate) static HEADERS_REFUSED: Counter = Counter::new();

/// Something with counts of its own, like a journal or a sink's thread.
pub(crate) trait Source: Send + Sync {
    /// Adds its counts.
    fn add_to(&self, sum: &mut Stats);
}

struct Sources {
    live: Vec<Weak<dyn Source>>,
    retired: Stats,
}

static SOURCES: Mutex<Sources> = Mutex::new(Sources {
    live: Vec::new(),
    retired: ZERO,
});
const ZERO: Stats = Stats {
    written: 0,
    dropped: 0,
    shipped: 0,
    retried: 0,
    refused: 0,
    overrun: 0,
    lost: 0,
    orphaned: 0,
    cut: 0,
    held: 0,
    announced: 0,
    recovered: 0,
    headers_refused: 0,
    spooled: 0,
    spool_bytes: 0,
    damaged: 0,
    pending: 0,
};

/// The lock that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn Any> {
    Box::new(SOURCES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A forked child counts for itself: what its parent has counted is not its own.
pub(crate) fn begin_anew() {
    {
        let mut sources = SOURCES.lock().unwrap_or_else(PoisonError::into_inner);
        sources.live.clear();
        sources.retired = ZERO;
    }
    for counter in [
        &UNHEARD,
        &OVERRUN,
        &ORPHANED,
        &CUT,
        &HELD,
        &RECOVERED,
        &HEADERS_REFUSED,
    ] {
        counter.clear();
    }
}

/// Counts a source from now on.
pub(crate) fn register(source: Weak<dyn Source>) {
    let mut sources = SOURCES.lock().unwrap_or_else(PoisonError::into_inner);
    sources.live.retain(|known| known.strong_count() > 0);
    sources.live.push(source);
}

/// Keeps the counts of a source that ends: call it from its `Drop`, when no `Weak` to it upgrades any more.
pub(crate) fn retire(source: &dyn Source) {
    source.add_to(&mut SOURCES.lock().unwrap_or_else(PoisonError::into_inner).retired);
}

const SHARDS: usize = 16;

/// A counter for the hot path: each thread adds to one of several words, which it shares with few others.
///
/// To add one to [`Stats`]: a field there, a `static` like [`ORPHANED`], and its line in [`stats`].
pub(crate) struct Counter {
    shards: [Apart<AtomicU64>; SHARDS],
}

impl Counter {
    /// At zero.
    pub(crate) const fn new() -> Self {
        Counter {
            shards: [const { Apart(AtomicU64::new(0)) }; SHARDS],
        }
    }

    /// Adds.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.shards[shard()].fetch_add(n, Relaxed);
    }

    /// Back to zero.
    fn clear(&self) {
        self.shards.iter().for_each(|shard| shard.store(0, Relaxed));
    }

    /// The sum.
    pub(crate) fn get(&self) -> u64 {
        let loads = self.shards.iter().map(|shard| shard.load(Relaxed));
        loads.fold(0, u64::saturating_add)
    }
}

#[inline]
fn shard() -> usize {
    thread_local!(static SHARD: Cell<usize> = const { Cell::new(usize::MAX) });
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // The cell needs no destructor, so it can be reached from any.
    SHARD.with(|shard| {
        if shard.get() == usize::MAX {
            shard.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
        }
        shard.get()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_counter_counts_over_threads() {
        let counter = Counter::new();
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..1000).for_each(|_| counter.add(1)));
            }
        });
        assert_eq!(counter.get(), 20_000);
    }

    #[test]
    fn a_sum_ends_at_the_largest_number() {
        let mut sum = Stats { lost: 7, ..ZERO };
        (0..3).for_each(|_| add(&mut sum.damaged, u64::MAX / 2));
        assert_eq!((sum.damaged, sum.losses()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn a_source_counts_while_it_lives_and_after() {
        struct Fixed;
        impl Source for Fixed {
            fn add_to(&self, sum: &mut Stats) {
                sum.retried += 1 << 40;
            }
        }
        impl Drop for Fixed {
            fn drop(&mut self) {
                retire(self);
            }
        }
        let counted = || stats().retried >> 40;
        assert_eq!(counted(), 0);
        let source = Arc::new(Fixed);
        let weak = Arc::downgrade(&source);
        register(weak);
        assert_eq!(counted(), 1);
        drop(source);
        assert_eq!(counted(), 1);
    }
}
