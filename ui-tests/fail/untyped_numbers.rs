#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = 7;
    let attempt = 2;
    let _: (i32, u64) = (user_id, attempt);
    tracel::log_info!(UserLog(user_id, "capture requested", attempt));
}
