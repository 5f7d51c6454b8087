//! The control: TraceL's layer, which makes the whole record, over a ring in memory in place of the journal, from which a
//! dead process leaves nothing.

use bench_control::{run, write};
use bench_harness::record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID};
use rtrb::Producer;
use std::{cell::RefCell, hint::black_box};
use tracel::log;

mod logs {
    tracel::include_schema!();
}
use logs::PaymentCaptured;

thread_local! {
    static RING: RefCell<Option<Producer<u8>>> = const { RefCell::new(None) };
}

#[tracel::instrument(fields(module = MODULE, user_id, tenant = TENANT))]
fn transaction(user_id: u64, run: impl FnOnce()) {
    run();
}

#[inline(never)]
fn event() {
    log!(PaymentCaptured {
        amount: black_box(AMOUNT),
        currency: black_box(CURRENCY),
        attempt: black_box(ATTEMPT),
        payment_id: black_box(PAYMENT_ID)
    });
}

/// What the journal does otherwise.
fn take(json: &[u8]) {
    RING.with_borrow_mut(|ring| {
        let ring = ring.as_mut().expect("the thread has one");
        write(ring, json);
        write(ring, b"\n");
    });
}

fn main() {
    let dispatch = tracel::testing::over(logs::SCHEMA, take);
    tracing::dispatcher::set_global_default(dispatch).expect("there is no other");
    run(|turn, ring| {
        RING.set(Some(ring));
        transaction(USER_ID, || turn.run(event));
        // The thread may not end with it: its ring is drained as long as that lives.
        RING.take();
    });
}
