#![allow(dead_code, unused_variables)]

fn main() {
    let attempt = 2u32;
    tracel::log_info!(SysLog("retrying", attempt));
    tracel::log_info!(UserLog(7, "paid {{braces}} {a b}", attempt));
}
