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
    tracel::log_info!(SysLog("retrying", attempt = 2));
    tracel::log_info!(UserLog(1, "asked"));
    tracel::log_info!(RefundAsked { user_id: 1, reason: "7" });
    assert_logged!(logs, SysLog("retrying", attempt = 2));
    assert_logged!(logs, UserLog(1, "asked"));
    assert_not_logged!(logs, logs::PaymentCaptured { amount: 1999, .. });
    assert_logged!(logs, RefundAsked { reason: "7", .. });
    assert_logged!(logs, SysLog("retrying"));
}
