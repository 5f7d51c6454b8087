//! tracing-subscriber's JSON format through tracing-appender's thread, which makes the caller wait instead of losing records.

use bench_harness::{
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use std::hint::black_box;
use tracing_appender::non_blocking::NonBlockingBuilder;

#[tracing::instrument(skip_all, fields(event_id = %PAYMENT_ID, module = MODULE, user_id = user_id, tenant = TENANT))]
fn transaction(user_id: u64, run: impl FnOnce()) {
    run();
}

#[inline(never)]
fn record() {
    tracing::info!(
        amount = black_box(AMOUNT),
        currency = black_box(CURRENCY),
        attempt = black_box(ATTEMPT),
        payment_id = %black_box(PAYMENT_ID),
        "captured payment"
    );
}

fn main() {
    let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(Sink::open());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(false)
        .with_file(true)
        .with_line_number(true)
        .with_thread_names(true)
        .with_writer(writer)
        .init();
    transaction(USER_ID, || measure(record));
    drop(guard);
    report();
}
