//! A crate without a schema.toml of its own: it is held to the neutral schema, where any key may be logged.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use tracel::{log, log_error, log_info};

#[derive(tracel::UserLog)]
#[log(event = "refund_asked", message = "refund asked", level = "info")]
struct RefundAsked<'a> {
    user_id: u64,
    reason: &'a str,
    error: Option<std::fmt::Error>,
}

#[tracel::instrument(err, fields(event_id = %generate_event_id(), module = "Transaction", user_id, order = ?order))]
fn capture(user_id: u64, order: &[u8]) -> Result<(), std::fmt::Error> {
    log_info!(UserLog(user_id, "capture requested", order, attempt = 2));
    log!(RefundAsked {
        user_id,
        reason: "late",
        error: None
    });
    log_error!(SysLog("charge refused", error = std::fmt::Error));
    Err(std::fmt::Error)
}

#[test]
fn any_key_may_be_logged() {
    assert!(format!("{:?}", logs::SCHEMA).contains("tracel"));
    assert!(capture(7, &[1]).is_err());
}
