#![allow(dead_code, unused_variables)]

fn main() {
    let user_id: Option<u64> = Some(7);
    let Some(user_id) = user_id else { return };
    tracel::log_info!(UserLog(user_id, "capture requested"));
}
