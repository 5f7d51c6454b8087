#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}
use logs::{Currency, PaymentCaptured};

fn main() {
    let logs = capture();
    tracel::log!(PaymentCaptured {
        user_id: 1,
        payment_id: tracel::Uuid::nil(),
        amount: 1999,
        currency: Currency::Eur
    });
    assert_logged!(logs, PaymentCaptured {
        user_id: 1,
        payment_id: tracel::Uuid::nil(),
        amount: 1999,
        currency: Currency::Eur
    });
    assert_not_logged!(logs, PaymentCaptured { amount: 2000, .. });
}
