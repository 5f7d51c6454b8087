//! The one record by `tracing`'s macros, for all that are layers of it.

use crate::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use std::hint::black_box;
use tracing::Dispatch;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder};

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

/// Measures the record through this subscriber, which becomes the process's.
pub fn measure_through(asked: &Asked, subscriber: impl Into<Dispatch>) {
    set(subscriber);
    measure(asked, |turn| transaction(USER_ID, || turn.run(record)));
}

/// Measures one that writes through tracing-appender's thread, which makes the caller wait instead of losing records.
pub fn measure_appended<S: Into<Dispatch>>(subscriber: impl FnOnce(NonBlocking) -> S) {
    let asked = Asked::read();
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .finish(Sink::open(&asked));
    measure_through(&asked, subscriber(writer));
    drop(guard);
    report();
}

/// Makes it the process's.
pub fn set(subscriber: impl Into<Dispatch>) {
    tracing::dispatcher::set_global_default(subscriber.into()).expect("the first");
}
