#![allow(dead_code, unused_variables)]

struct Order {
    attempt: u32,
}

fn main() {
    let order = Order { attempt: 2 };
    tracel::log_info!(SysLog("retrying", attempt = order.attempt));
}
