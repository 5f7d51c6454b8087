#![allow(dead_code, unused_variables)]

struct Order;

fn main() {
    tracel::log_info!(SysLog("retrying", tenant = Order));
}
