//! json-subscriber through tracing-appender's thread, which makes the caller wait instead of losing records.

use bench_harness::{
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use std::hint::black_box;
use tracing_appender::non_blocking::NonBlockingBuilder;
use tracing_subscriber::layer::SubscriberExt;

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
    let layer = json_subscriber::layer()
        .with_file(true)
        .with_line_number(true)
        .with_thread_names(true)
        .with_writer(writer);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).expect("the first");
    transaction(USER_ID, || measure(record));
    drop(guard);
    report();
}
