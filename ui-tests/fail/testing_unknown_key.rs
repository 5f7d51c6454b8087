#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}

fn main() {
    let logs = capture();
    assert_logged!(logs, SysLog("retrying", atempt = 2));
    assert_logged!(logs, error SysLog("charge refused", socket = 7, password = "x"));
    assert_not_logged!(logs, logs::PaymentCaptured { amont: 1999, .. });
}
