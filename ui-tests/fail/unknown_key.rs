#![allow(dead_code, unused_variables)]

fn main() {
    let attempt = 2;
    tracel::log_info!(SysLog("retrying", atempt = attempt));
}
