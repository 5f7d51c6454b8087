#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}

#[derive(tracel::UserLog)]
#[log(event = "refund_asked", message = "refund asked")]
struct RefundAsked<'a> {
    user_id: u64,
    reason: &'a str,
}

fn main() {
    let logs = capture();
    assert_logged!(logs, SysLog("retrying", attempt = "2"));
    assert_logged!(logs, UserLog(-1, "asked"));
    assert_not_logged!(logs, logs::PaymentCaptured { amount: 19.99, .. });
    assert_logged!(logs, RefundAsked { reason: 7, .. });
    assert_logged!("logs", SysLog("retrying"));
}
