//! What one record costs its caller in time. Records come in bursts, with a pause after each in which what runs behind the
//! caller can catch up, so that a caller waits for nobody unless its library makes it.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

/// Records in a burst, and bursts in a run.
const BURST: usize = 256;
const BURSTS: usize = 200;
const PAUSE: Duration = Duration::from_millis(2);

/// Records before the clock runs: buffers have grown and callsites are registered by then.
const WARM: usize = 2_000;
/// Records whose allocations are counted.
const COUNTED: usize = 1_000;

/// How many records [`measure`] makes.
pub const RECORDS: usize = WARM + COUNTED + BURST * BURSTS;

/// Calls `run` [`RECORDS`] times, and prints what that cost, without what the clock itself takes.
pub fn measure(mut run: impl FnMut()) {
    (0..WARM).for_each(|_| run());
    thread::sleep(PAUSE * 10);
    let made = allocation_counter::measure(|| (0..COUNTED).for_each(|_| run()));
    let clock = at(&samples(|| black_box(())), 0.5);
    let samples = samples(run);
    let figure = |part| at(&samples, part).saturating_sub(clock);
    println!(
        "median={} p99={} p999={} allocations={}",
        figure(0.5),
        figure(0.99),
        figure(0.999),
        made.count_total as f64 / COUNTED as f64
    );
}

/// Nanoseconds of each call, sorted.
fn samples(mut run: impl FnMut()) -> Vec<u64> {
    let mut samples = Vec::with_capacity(BURST * BURSTS);
    for _ in 0..BURSTS {
        thread::sleep(PAUSE);
        let mut before = Instant::now();
        for _ in 0..BURST {
            run();
            let now = Instant::now();
            samples.push((now - before).as_nanos() as u64);
            before = now;
        }
    }
    samples.sort_unstable();
    samples
}

fn at(samples: &[u64], part: f64) -> u64 {
    samples[((samples.len() - 1) as f64 * part) as usize]
}
