#![allow(dead_code, unused_variables)]

fn main() {
    let socket = 2;
    tracel::log_info!(SysLog("retrying", socket));
}
