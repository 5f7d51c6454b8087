#![allow(dead_code, unused_variables)]

struct Order {
    amount: u64,
    tenant: String,
}

#[tracel::instrument(fields(user_id = order.amount, tenant = order.tenant))]
fn capture(order: &Order) {
    tracel::log_info!(UserLog(7, "captured", amount = order.amount));
    tracel::log_info!(UserLog(order.amount, "captured", tenant = "acme"));
    tracel::log_info!(SysLog("captured", amount = charge(order.amount, 2)));
    tracel::record!(amount = order.amount);
}

fn charge(amount: u64, times: u64) -> u64 {
    amount * times
}

fn main() {}
