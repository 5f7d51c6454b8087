//! Flood control: what is above the limit costs nothing, and is counted in one record an interval.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "one test plays a crate that logs by `tracing`, and threads that flood are of no request"
)]

mod logs {
    tracel::include_schema!();
}

use logs::{Flooded, Rare, SCHEMA};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tracel::{log, log_info};
use tracel_tests::{Kept, layer};
use tracing_core::{Dispatch, Event, Subscriber, dispatcher};
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Limits belong to events, so tests that flood the same one take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> impl Drop {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Default)]
struct Seen(Arc<AtomicU64>);

impl<S: Subscriber> tracing_subscriber::Layer<S> for Seen {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn named<'r>(records: &'r [Value], name: &str) -> Vec<&'r Value> {
    records
        .iter()
        .filter(|record| record["event_name"] == name)
        .collect()
}

fn held(records: &[&Value]) -> u64 {
    let counts = records
        .iter()
        .map(|record| record["metadata"]["tracel_held"].as_u64().unwrap());
    counts.sum()
}

#[tracel::instrument(fields(module = "Loop", tenant))]
fn flood(tenant: &str, times: u32) {
    for attempt in 0..times {
        log!(Flooded {
            attempt: Some(attempt)
        });
    }
}

#[test]
fn a_million_records_cost_the_disk_a_few_and_each_is_counted() {
    const THREADS: u64 = 4;
    const EACH: u32 = 250_000;
    let _turn = turn();
    let (layer, guard, kept) = layer(SCHEMA);
    let seen = Seen::default();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer).with(seen.clone()));
    let (before, begin) = (tracel::stats(), Instant::now());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| dispatcher::with_default(&dispatch, || flood("acme", EACH)));
        }
    });
    let seconds = begin.elapsed().as_secs();
    // The end tells what is held back still.
    drop(guard);
    let records = kept.records();
    let written = named(&records, "flooded");
    let counts = named(&records, "tracel_held");
    assert!(
        !written.is_empty() && written.len() as u64 <= 100 * (seconds + 2),
        "{}",
        written.len()
    );
    assert_eq!(written.len() as u64 + held(&counts), THREADS * u64::from(EACH));
    assert!(
        counts.len() as u64 <= seconds + 2,
        "one record an interval: {}",
        counts.len()
    );
    let stats = tracel::stats();
    assert_eq!(stats.held - before.held, held(&counts));
    // A million records would be 400 MB.
    assert!(
        kept.text().len() < 200_000 * (seconds as usize + 2),
        "{}",
        kept.text().len()
    );
    // Other layers see no more than ours, but the census, which no callsite logs.
    assert_eq!(
        seen.0.load(Ordering::Relaxed),
        (written.len() + counts.len()) as u64
    );
    for count in counts {
        assert_eq!(count["message"], "records were held back");
        assert_eq!(count["level"], "INFO");
        assert_eq!(count["module_name"], "Loop");
        assert_eq!(count["span_name"], "flood");
        assert_eq!(count["metadata"]["tenant"], "acme", "the first one's span");
        assert_eq!(count["metadata"]["tracel_event"], "flooded");
        assert_eq!(count["schema"], "tracel@1");
        assert!(count["source"].as_str().unwrap().contains("flood.rs:"));
        let id = &count["event_id"];
        assert!(
            written.iter().any(|record| record["event_id"] == *id),
            "of one of the requests"
        );
    }
    // What is held back takes no number: lanes count on as if it had never been.
    let mut lanes = std::collections::BTreeMap::<u64, Vec<u64>>::new();
    for line in kept.text().lines().map(tracel_tests::strict) {
        let number = |key: &str| line[key].as_u64().unwrap();
        lanes.entry(number("lane")).or_default().push(number("seq"));
    }
    for seqs in lanes.values() {
        assert_eq!(*seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_held_back_costs_no_memory_and_no_journal() {
    let _turn = turn();
    let (layer, guard, _) = layer(SCHEMA);
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        flood("acme", 1000);
        // A callsite's first call puts together what its records have in common.
        flood_no_span(1);
        let written = tracel::stats().written;
        let allocated = allocation_counter::measure(|| flood_no_span(100_000)).count_total;
        assert_eq!(allocated, 0);
        // Some seconds may have passed on a slow machine, each with its hundred.
        assert!(tracel::stats().written - written < 50_000);
    });
    drop(guard);
}

fn flood_no_span(times: u32) {
    for attempt in 0..times {
        log!(Flooded {
            attempt: Some(attempt)
        });
    }
}

#[test]
fn all_callsites_of_an_event_share_its_limit_and_the_end_tells_the_rest() {
    let _turn = turn();
    let (layer, guard, kept) = layer(SCHEMA);
    let error = std::io::Error::other("gone");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        // It passes two an hour, or twice two where an hour ends here.
        (0..5).for_each(|_| log!(Rare { error: &error }));
        (0..5).for_each(|_| log!(Rare { error: &error }));
        log_info!(SysLog("not limited"));
    });
    drop(guard);
    let records = kept.records();
    let (rare, counts) = (named(&records, "rare"), named(&records, "tracel_held"));
    assert_eq!(rare.len(), 2);
    assert_eq!((counts.len(), held(&counts)), (1, 8));
    assert_eq!(counts[0]["level"], "ERROR", "where the event's records go");
    assert!(records.iter().any(|record| record["message"] == "not limited"));
}

#[test]
fn a_flood_is_told_of_while_it_lasts_and_when_it_ends() {
    let _turn = turn();
    let (layer, guard, kept) = layer(SCHEMA);
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        flood("acme", 1000);
    });
    // Nobody logs any more; the log goes on.
    let until = Instant::now() + Duration::from_secs(60);
    let told = || {
        guard.flush(Duration::from_secs(10)).unwrap();
        let records = kept.records();
        held(&named(&records, "tracel_held"))
    };
    while told() == 0 {
        assert!(
            Instant::now() < until,
            "the count of a flood that has ended is told"
        );
        thread::sleep(Duration::from_millis(50));
    }
    drop(guard);
}

#[test]
fn the_policys_limit_holds_for_each_place_of_other_crates() {
    let _turn = turn();
    let kept = Kept::default();
    let before = tracel::stats().held;
    let (layer, guard) = tracel::init(SCHEMA.limit(3, 3600))
        .levels("trace")
        .sink_with(kept.clone())
        .build()
        .unwrap();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        for n in 0..100 {
            tracing::warn!(n, "spam");
            tracing::warn!(n, "more spam");
            if n < 2 {
                tracing::warn!(n, "seldom");
            }
        }
    });
    drop(guard);
    let records = kept.records();
    let of = |message: &str| {
        records
            .iter()
            .filter(|record| record["message"] == message)
            .count()
    };
    // A period begins with the process's, so it may end once.
    assert!(
        (3..=6).contains(&of("spam")) && (3..=6).contains(&of("more spam")),
        "{}",
        of("spam")
    );
    assert_eq!(of("seldom"), 2);
    let counts = named(&records, "tracel_held");
    assert_eq!(counts.len(), 2);
    assert_eq!(held(&counts) as usize + of("spam") + of("more spam"), 200);
    assert_eq!(tracel::stats().held - before, held(&counts));
    assert!(counts[0]["target"].as_str().unwrap().starts_with("flood"));
}
