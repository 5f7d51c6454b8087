//! What one record costs its caller in time, in one thread or several. The loops are here, the paces in `asked`.

use crate::asked::{Asked, Pace};
use std::{
    hint::{black_box, spin_loop},
    sync::{
        Barrier, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// Records in a burst, and what is between two bursts.
const BURST: usize = 256;
const PAUSE: Duration = Duration::from_millis(2);

/// How a thread spends the pause between two bursts.
#[derive(Clone, Copy)]
enum Rest {
    /// At work, as what serves requests is: its core stays as quick as it is, and has its caches.
    Awake,
    /// The first records of a burst pay for the waking, whoever makes them. Where threads are as many as cores, they have to,
    /// for others must run.
    Asleep,
}

impl Rest {
    fn pause(self) {
        match self {
            Rest::Asleep => thread::sleep(PAUSE),
            Rest::Awake => {
                let end = Instant::now() + PAUSE;
                while Instant::now() < end {
                    spin_loop();
                }
            }
        }
    }
}
/// Between two records that are not in bursts.
const STEP: Duration = Duration::from_micros(10);

/// Bursts before the clock runs: buffers have grown and callsites are registered by then.
const WARM: usize = 8;
/// Bursts whose allocations are counted.
const COUNTED: usize = 4;

static MADE: AtomicU64 = AtomicU64::new(0);
/// When the clock began to run, and how many records were made by then.
static BEGUN: OnceLock<(Instant, u64)> = OnceLock::new();

/// How many records were made.
pub fn made() -> u64 {
    MADE.load(Relaxed)
}

/// Since the clock runs: the records that arrived and the seconds, where `arrived` have arrived in all.
pub(crate) fn since(arrived: u64) -> (u64, f64) {
    let &(start, before) = BEGUN.get().expect("it was measured before");
    (arrived.saturating_sub(before), start.elapsed().as_secs_f64())
}

/// Gives each thread its turn, in which it makes its records by [`Turn::run`], and prints what they cost, without what the
/// clock itself takes.
pub fn measure(asked: &Asked, task: impl Fn(Turn<'_>) + Sync) {
    let clock = {
        let mut samples = bursts(8, Rest::Awake, &mut |burst| burst(), || {
            black_box(());
        });
        samples.sort_unstable();
        at(&samples, 0.5)
    };
    let shared = Shared {
        pace: asked.pace,
        is_crowded: thread::available_parallelism().is_ok_and(|cores| asked.threads >= cores.get()),
        start: Barrier::new(asked.threads),
        samples: Mutex::default(),
        allocations: AtomicU64::new(0),
    };
    thread::scope(|scope| {
        for number in 1..=asked.threads {
            let (task, shared) = (&task, &shared);
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn_scoped(scope, move || task(Turn(shared)))
                .expect("a thread starts");
        }
    });
    let mut samples = shared.samples.into_inner().expect("no thread panicked");
    samples.sort_unstable();
    let figure = |part| at(&samples, part).saturating_sub(clock);
    println!(
        "median={} p99={} p999={} allocations={}",
        figure(0.5),
        figure(0.99),
        figure(0.999),
        shared.allocations.into_inner() as f64 / (COUNTED * BURST * asked.threads) as f64
    );
}

/// What the threads have in common.
struct Shared {
    pace: Pace,
    /// There are as many threads as cores: one that waits must let the others run.
    is_crowded: bool,
    start: Barrier,
    samples: Mutex<Vec<u64>>,
    allocations: AtomicU64,
}

/// A thread's turn.
pub struct Turn<'a>(&'a Shared);

impl Turn<'_> {
    /// Makes the records.
    pub fn run(self, record: impl FnMut()) {
        self.run_within(|burst| burst(), record);
    }

    /// Makes the records, each burst of them within `within`, whose own time is not measured.
    pub fn run_within(self, mut within: impl FnMut(&mut dyn FnMut()), mut record: impl FnMut()) {
        let Turn(shared) = self;
        let mut burst = || (0..BURST).for_each(|_| record());
        for _ in 0..WARM {
            within(&mut burst);
            thread::sleep(PAUSE);
        }
        let mut counted = 0;
        for _ in 0..COUNTED {
            within(&mut || counted += allocation_counter::measure(&mut burst).count_total);
        }
        shared.allocations.fetch_add(counted, Relaxed);
        MADE.fetch_add(((WARM + COUNTED) * BURST) as u64, Relaxed);
        thread::sleep(PAUSE * 10);
        shared.start.wait();
        BEGUN.get_or_init(|| (Instant::now(), made()));
        let samples = match shared.pace {
            Pace::Bursts(count) if !shared.is_crowded => bursts(count, Rest::Awake, &mut within, record),
            Pace::Bursts(count) | Pace::Woken(count) => bursts(count, Rest::Asleep, &mut within, record),
            Pace::Steady(count) => steady(count, shared.is_crowded, &mut within, record),
            Pace::Flood(time) => {
                flood(time, &mut within, record);
                return;
            }
        };
        MADE.fetch_add(samples.len() as u64, Relaxed);
        shared.samples.lock().expect("no thread panicked").extend(samples);
    }
}

/// Nanoseconds of each call.
fn bursts(
    count: usize,
    rest: Rest,
    within: &mut dyn FnMut(&mut dyn FnMut()),
    mut record: impl FnMut(),
) -> Vec<u64> {
    let mut samples = room(BURST * count);
    // What one takes to be noted is the next one's time: in memory that is not in the cache it was 100 ns of each eighth.
    let mut noted = [0; BURST];
    for _ in 0..count {
        rest.pause();
        within(&mut || {
            noted.fill(0);
            let mut before = Instant::now();
            for note in &mut noted {
                record();
                let now = Instant::now();
                *note = (now - before).as_nanos() as u64;
                before = now;
            }
        });
        samples.extend_from_slice(&noted);
    }
    samples
}

/// Nanoseconds of each call. Where threads are more than cores, they come later than they should.
fn steady(
    count: usize,
    is_crowded: bool,
    within: &mut dyn FnMut(&mut dyn FnMut()),
    mut record: impl FnMut(),
) -> Vec<u64> {
    let mut samples = room(count);
    let mut due = Instant::now();
    while samples.len() < count {
        within(&mut || {
            for _ in 0..BURST.min(count - samples.len()) {
                due = (due + STEP).max(Instant::now());
                let mut before = Instant::now();
                while before < due {
                    match is_crowded {
                        true => thread::yield_now(),
                        false => spin_loop(),
                    }
                    before = Instant::now();
                }
                record();
                samples.push(before.elapsed().as_nanos() as u64);
            }
        });
    }
    samples
}

/// An empty vector, all of whose memory is there: a page that comes when it is first written to takes 5 µs, which would be
/// the record's.
fn room(count: usize) -> Vec<u64> {
    let mut samples = vec![u64::MAX; count];
    samples.clear();
    samples
}

/// As many as go. The clock is looked at once a burst.
fn flood(time: Duration, within: &mut dyn FnMut(&mut dyn FnMut()), mut record: impl FnMut()) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        within(&mut || (0..BURST).for_each(|_| record()));
        MADE.fetch_add(BURST as u64, Relaxed);
    }
}

/// What this part of the sorted samples does not exceed; 0 where there are none.
fn at(samples: &[u64], part: f64) -> u64 {
    let place = samples.len().saturating_sub(1) as f64 * part;
    samples.get(place as usize).copied().unwrap_or(0)
}
