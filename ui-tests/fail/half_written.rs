#![allow(dead_code, unused_variables)]

struct Order {
    amount: u64,
    tenant: String,
}

#[tracel::instrument(fields(user_id = order., tenant = order.tenant))]
fn capture(order: &Order) {
    tracel::log_info!(UserLog(7, "captured", amount = order.));
    tracel::log_info!(UserLog(order., "captured", tenant = ));
    tracel::log_info!(SysLog("captured", amount = charge(order., 2)));
    tracel::record!(amount = order.);
}

fn charge(amount: u64, times: u64) -> u64 {
    amount * times
}

fn main() {}
