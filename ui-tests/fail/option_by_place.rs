#![allow(dead_code, unused_variables)]

fn main() {
    let user_id: Option<u64> = Some(7);
    tracel::log_info!(UserLog(user_id, "capture requested"));
}
