#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

#[derive(tracel::UserLog)]
#[log(event = "payment_captured")]
struct Captured {
    user_id: u64,
    payment_id: tracel::Uuid,
    currency: logs::Currency,
    amount: u64,
}

fn main() {}
