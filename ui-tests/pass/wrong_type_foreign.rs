#![allow(dead_code, unused_variables)]

#[derive(Debug)]
struct Order;

fn main() {
    tracel::log_info!(SysLog("retrying", tenant = tracel::debug(&Order)));
}
