#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}
use logs::PaymentCaptured;

struct Order {
    amount: u64,
}

fn main() {
    let logs = capture();
    assert_logged!(logs, PaymentCaptred { amount: 1999, .. });
    assert_logged!(logs, Order { amount: 7 });
    assert_not_logged!(logs, Log::audti("role granted"));
    assert_logged!(logs, "charge refused");
    assert_logged!(logs);
}
