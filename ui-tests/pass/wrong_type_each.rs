#![allow(dead_code, unused_variables)]

use std::time::{Duration, SystemTime};

mod logs {
    tracel::include_schema!();
}

fn log(text: &str, n: u64) {
    tracel::log_info!(SysLog("settled", ok = n > 0, ratio = n as f64, balance = i64::try_from(n).ok()));
    tracel::log_info!(SysLog(
        "settled",
        payment_id = tracel::Uuid::parse_str(text).ok(),
        client = text.parse::<std::net::IpAddr>().ok(),
        due = SystemTime::now(),
        took = Duration::from_secs(n)
    ));
    tracel::log_info!(SysLog(
        "settled",
        digest = text.as_bytes(),
        payload = tracel::JsonValue::from(text),
        tags = [text],
        currency = logs::Currency::Eur
    ));
}

fn main() {}
