//! slog-json through slog-async's thread, which makes the caller wait instead of losing records. A span is a child logger.

use bench_harness::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use slog::{Drain, Logger, info, o};
use slog_async::OverflowStrategy;
use std::hint::black_box;

#[inline(never)]
fn record(log: &Logger) {
    info!(
        log, "captured payment";
        "amount" => black_box(AMOUNT),
        "currency" => black_box(CURRENCY),
        "attempt" => black_box(ATTEMPT),
        "payment_id" => %black_box(PAYMENT_ID)
    );
}

fn main() {
    let asked = Asked::read();
    let json = slog_json::Json::default(Sink::open(&asked)).fuse();
    let (drain, guard) = slog_async::Async::new(json)
        .overflow_strategy(OverflowStrategy::Block)
        .build_with_guard();
    let root = Logger::root(drain.fuse(), o!("service_name" => "payment"));
    let span = root.new(
        o!("event_id" => PAYMENT_ID.to_string(), "module" => MODULE, "user_id" => USER_ID, "tenant" => TENANT),
    );
    measure(&asked, |turn| turn.run(|| record(&span)));
    drop((span, root));
    drop(guard);
    report();
}
