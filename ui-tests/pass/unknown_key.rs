#![allow(dead_code, unused_variables)]

fn main() {
    let attempt = 2u32;
    tracel::log_info!(SysLog("retrying", attempt = attempt));
}
