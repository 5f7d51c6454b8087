#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(attempt = 2))]
fn capture() {
    tracel::log_info!(SysLog("retrying", attempt = 2));
    tracel::log_info!(SysLog("retrying", attempt = 2));
    tracel::log_info!(SysLog("retrying", attempt = 2));
    tracel::log_info!(UserLog(7, "retrying", attempt = 2, amount = 3u64));
    tracel::record!(attempt = 2);
    tracel::log_info!(SysLog("asked", user_id = 7u64));
}

fn main() {}
