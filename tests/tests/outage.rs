//! Kafka is away for a while, under load: nothing is lost, the caller does not wait, memory stays bounded, and the backlog
//! drains faster than it grew. `TRACEL_OUTAGE_SECONDS` and `TRACEL_OUTAGE_RATE` make it longer. `cargo xtask e2e` runs it.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "callers are plain threads, without a request"
)]

mod logs {
    tracel::include_schema!();
}

use hdrhistogram::Histogram;
use logs::SCHEMA;
use std::{
    env, fs,
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tracel::log_info;
use tracel_tests::{broker::Broker, complete};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// By how much the process may grow.
const GROWTH: u64 = 32 << 20;
/// A caller that is this fast is fast enough, on a machine that does other things at the same time.
const FAST: Duration = Duration::from_millis(1);

fn setting(name: &str, default: u32) -> u32 {
    let text = env::var(name).ok().filter(|text| !text.is_empty());
    text.map_or(default, |text| text.parse().expect("a number"))
}

/// The memory that this process has, in bytes: its own, without the files that it maps.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.expect("a size").trim().trim_end_matches(" kB");
    kib.parse::<u64>().expect("a number") << 10
}

/// What one caller does: `rate` records a second until it is stopped; what each call took.
struct Caller {
    stop: AtomicBool,
    logged: AtomicU32,
    /// In nanoseconds.
    took: Mutex<Histogram<u64>>,
}

impl Caller {
    fn new() -> Self {
        let took = Histogram::new_with_bounds(1, 1 << 36, 3).expect("bounds");
        Caller {
            stop: AtomicBool::new(false),
            logged: AtomicU32::new(0),
            took: Mutex::new(took),
        }
    }

    fn run(&self, dispatch: &Dispatch, rate: u32) {
        let start = Instant::now();
        dispatcher::with_default(dispatch, || {
            while !self.stop.load(Relaxed) {
                let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as u32;
                let mut took = self.took.lock().expect("the times");
                for attempt in self.logged.load(Relaxed)..due {
                    let before = Instant::now();
                    log_info!(SysLog("under load", attempt));
                    let nanoseconds = u64::try_from(before.elapsed().as_nanos()).unwrap_or(u64::MAX);
                    took.saturating_record(nanoseconds);
                }
                drop(took);
                self.logged.store(due, Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
    }

    /// The 99.9th percentile since the last time it was asked for.
    fn p999(&self) -> Duration {
        let mut took = self.took.lock().expect("the times");
        let found = Duration::from_nanos(took.value_at_quantile(0.999));
        took.reset();
        found
    }
}

/// Kafka goes away by `away`, and comes back by `back`.
fn outage(broker: &mut Broker, how: &str, away: fn(&mut Broker), back: fn(&mut Broker)) {
    let away_for = Duration::from_secs(setting("TRACEL_OUTAGE_SECONDS", 20).into());
    let rate = setting("TRACEL_OUTAGE_RATE", 5000);
    let folder = tempfile::tempdir().expect("a folder");
    broker.create_topic(how, 3, &[]);
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(format!("kafka://{}/{how}", broker.address()))
        .folder(folder.path())
        // A minute at 50,000 a second is more than a gigabyte.
        .spool_budget(4 << 30)
        .build()
        .expect("a log");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let dropped = tracel::stats().dropped;
    let caller = Caller::new();
    let mut drained = Duration::ZERO;
    let (mut usual, mut meanwhile, mut grown) = (Duration::ZERO, Duration::ZERO, 0);
    thread::scope(|scope| {
        scope.spawn(|| caller.run(&dispatch, rate));
        thread::sleep(Duration::from_secs(5));
        (usual, grown) = (caller.p999(), memory());
        away(broker);
        thread::sleep(away_for);
        meanwhile = caller.p999();
        grown = memory().saturating_sub(grown);
        back(broker);
        let start = Instant::now();
        let flushed = guard.flush(Duration::from_secs(120));
        drained = start.elapsed();
        caller.stop.store(true, Relaxed);
        flushed.expect("it is back");
    });
    guard.flush(Duration::from_secs(120)).expect("the rest");
    let logged = caller.logged.load(Relaxed);
    let told = format!(
        "{how} for {away_for:?} at {rate}/s: p99.9 {usual:?}, then {meanwhile:?}; {} KiB more; drained in {drained:?}",
        grown >> 10
    );
    // A figure for who runs it.
    _ = writeln!(std::io::stderr(), "{told}");
    assert_eq!(tracel::stats().dropped, dropped, "{told}");
    assert!(grown < GROWTH, "{told}");
    assert!(meanwhile <= (usual * 2).max(FAST), "{told}");
    assert!(drained < away_for, "{told}");
    let lines = broker.lines(how);
    let (records, announced) = complete(lines.iter().map(String::as_str));
    let arrived = records
        .iter()
        .filter(|record| record["message"] == "under load")
        .count();
    assert_eq!((arrived, announced), (logged as usize, 0));
}

#[test]
fn kafka_is_down_or_hangs() {
    let Some(mut broker) = Broker::kafka() else { return };
    // One after the other: they measure.
    outage(&mut broker, "down", Broker::kill, Broker::start);
    outage(
        &mut broker,
        "hanging",
        |broker| broker.pause(),
        |broker| broker.resume(),
    );
}
