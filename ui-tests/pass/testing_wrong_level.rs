#![allow(dead_code, unused_variables)]

use tracel::testing::{assert_logged, assert_not_logged, capture};

mod logs {
    tracel::include_schema!();
}

fn main() {
    let logs = capture();
    let error = &std::io::Error::other("gone");
    tracel::log_error!(SysLog("charge refused", error));
    tracel::log!(logs::PaymentCaptured {
        user_id: 1,
        payment_id: tracel::Uuid::nil(),
        amount: 1999,
        currency: logs::Currency::Eur
    });
    assert_logged!(logs, error SysLog("charge refused"));
    assert_not_logged!(logs, debug SysLog("charge refused"));
    let record = assert_logged!(logs, info logs::PaymentCaptured { .. });
    assert!(record.event_name().is_some());
}
