#![allow(dead_code, unused_variables)]

fn main() {
    let n = 5u64;
    tracel::log_info!(SysLog("retrying", attempt = n + 1));
}
