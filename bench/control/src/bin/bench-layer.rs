//! The control: TraceL's layer, which makes the whole record, over a ring in memory in place of the journal, from which a
//! dead process leaves nothing.

#[path = "../../../tracel/src/event.rs"]
mod event;

use bench_control::{run, write};
use bench_harness::record::USER_ID;
use event::{event, transaction};
use rtrb::Producer;
use std::cell::RefCell;

mod logs {
    tracel::include_schema!();
}

thread_local! {
    static RING: RefCell<Option<Producer<u8>>> = const { RefCell::new(None) };
}

/// What the journal does otherwise.
fn take(payload: &[u8]) {
    RING.with_borrow_mut(|ring| write(ring.as_mut().expect("the thread has one"), payload));
}

fn main() {
    let dispatch = tracel::testing::over(logs::SCHEMA, take).expect("there is memory");
    tracing::dispatcher::set_global_default(dispatch).expect("there is no other");
    run(|turn, ring| {
        RING.set(Some(ring));
        transaction(USER_ID, || turn.run(event));
    });
}
