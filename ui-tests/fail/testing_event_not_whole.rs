#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}
use logs::{Currency, PaymentCaptured};

fn main() {
    let logs = capture();
    assert_logged!(logs, PaymentCaptured { amount: 1999, currency: Currency::Eur });
    let other = 7;
    assert_not_logged!(logs, PaymentCaptured { amount: 1999, ..other });
}
