//! The one record within its span. The control makes it, too.

use crate::logs::PaymentCaptured;
use bench_harness::record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT};
use std::hint::black_box;
use tracel::log;

#[tracel::instrument(fields(module = MODULE, user_id, tenant = TENANT))]
pub(crate) fn transaction(user_id: u64, run: impl FnOnce()) {
    run();
}

/// The record, as an event of the schema.
#[inline(never)]
pub(crate) fn event() {
    log!(PaymentCaptured {
        amount: black_box(AMOUNT),
        currency: black_box(CURRENCY),
        attempt: black_box(ATTEMPT),
        payment_id: black_box(PAYMENT_ID)
    });
}
