#![allow(dead_code, unused_variables)]

struct AccountId(u64);

fn main() {
    tracel::log_info!(UserLog(AccountId(7), "capture requested"));
}
