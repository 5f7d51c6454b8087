//! spdlog-rs's JSON through its thread pool, which makes the caller wait instead of losing records. It knows no spans: the
//! span's fields are given with each record.

use bench_harness::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use spdlog::{
    Logger, ThreadPool,
    formatter::JsonFormatter,
    info,
    sink::{AsyncPoolSink, OverflowPolicy, WriteSink},
};
use std::{hint::black_box, sync::Arc};

#[inline(never)]
fn record(log: &Arc<Logger>, event_id: &str) {
    info!(
        logger: log,
        "captured payment",
        kv: {
            event_id,
            module = MODULE,
            user_id = USER_ID,
            tenant = TENANT,
            amount = black_box(AMOUNT),
            currency = black_box(CURRENCY),
            attempt = black_box(ATTEMPT),
            payment_id: = black_box(PAYMENT_ID),
        }
    );
}

fn main() {
    let asked = Asked::read();
    let lines = WriteSink::builder()
        .target(Sink::open(&asked))
        .formatter(JsonFormatter::new())
        .build_arc()
        .expect("a sink");
    let pool = ThreadPool::builder().build_arc().expect("a pool");
    let behind = AsyncPoolSink::builder()
        .thread_pool(Arc::clone(&pool))
        .sink(lines)
        .overflow_policy(OverflowPolicy::Block)
        .build_arc()
        .expect("a sink");
    let log = Logger::builder()
        .name("payment")
        .sink(behind)
        .build_arc()
        .expect("a logger");
    let event_id = PAYMENT_ID.to_string();
    measure(&asked, |turn| turn.run(|| record(&log, &event_id)));
    // The pool's thread is awaited when its last owner goes.
    drop(log);
    drop(pool);
    report();
}
