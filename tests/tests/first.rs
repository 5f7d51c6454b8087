//! The first records of a call, and its first spans, where threads come there at once: none takes another's half-known call
//! for another crate's.
#![allow(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "the threads are of no request")]

mod logs {
    tracel::include_schema!();
}

use serde_json::Value;
use std::{
    fs,
    hint::spin_loop,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tracel::log_info;

/// Eight places with the same text.
macro_rules! eight {
    ($($place:tt)*) => {
        [$($place)*, $($place)*, $($place)*, $($place)*, $($place)*, $($place)*, $($place)*, $($place)*]
    };
}

/// 512 calls, each with a span of its own, at a level at which other crates' are off.
fn calls() -> Vec<fn()> {
    let calls = eight!(eight!(eight!({
        #[tracel::instrument(level = "trace")]
        fn call() {
            log_info!(SysLog("the first one"));
        }
        call as fn()
    })));
    calls.as_flattened().as_flattened().to_vec()
}

#[test]
fn threads_that_come_to_a_call_at_once_lose_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.ndjson");
    let guard = tracel::init(logs::SCHEMA)
        .service("Payment")
        .sink(format!("file://{}", file.display()))
        .start()
        .unwrap();
    let (calls, come) = (calls(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for (turn, call) in calls.iter().enumerate() {
                    come.fetch_add(1, Ordering::AcqRel);
                    while come.load(Ordering::Acquire) < 2 * (turn + 1) {
                        spin_loop();
                    }
                    call();
                }
            });
        }
    });
    drop(guard);
    let lines = fs::read_to_string(&file).unwrap();
    let records: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|record: &Value| record["message"] == "the first one")
        .collect();
    assert_eq!(records.len(), 2 * calls.len());
    let named = records
        .iter()
        .filter(|record| record["span_name"] == "call")
        .count();
    assert_eq!(named, records.len(), "each is in its span");
}
