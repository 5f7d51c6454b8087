#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}

fn main() {
    let logs = capture();
    tracel::log_info!(SysLog("retrying", attempt = 2));
    tracel::log_debug!(SysLog("charge refused", socket = 7));
    assert_logged!(logs, SysLog("retrying", attempt = 2));
    assert_logged!(logs, debug SysLog("charge refused", socket = 7));
    assert_not_logged!(logs, logs::PaymentCaptured { amount: 1999, .. });
}
