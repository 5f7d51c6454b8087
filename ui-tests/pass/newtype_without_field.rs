#![allow(dead_code, unused_variables)]

#[derive(tracel::Field)]
struct AccountId(u64);

fn main() {
    tracel::log_info!(UserLog(AccountId(7), "capture requested"));
}
