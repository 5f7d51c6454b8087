#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}

fn main() {
    let logs = capture();
    assert_logged!(logs, eror SysLog("charge refused"));
    assert_not_logged!(logs, loud SysLog("charge refused"));
    let record = assert_logged!(logs, error logs::PaymentCaptured { .. });
    assert!(record.event_name().is_some());
}
