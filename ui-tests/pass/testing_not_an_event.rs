#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}
use logs::PaymentCaptured;

#[derive(tracel::SysLog)]
#[log(event = "order", message = "order")]
struct Order {
    amount: u64,
}

fn main() {
    let logs = capture();
    tracel::log!(PaymentCaptured {
        user_id: 1,
        payment_id: tracel::Uuid::nil(),
        amount: 1999,
        currency: logs::Currency::Eur
    });
    tracel::log_info!(Order { amount: 7 });
    tracel::log_info!(SysLog("charge refused"));
    assert_logged!(logs, PaymentCaptured { amount: 1999, .. });
    assert_logged!(logs, Order { amount: 7 });
    assert_not_logged!(logs, Log::audit("role granted"));
    assert_logged!(logs, SysLog("charge refused"));
}
