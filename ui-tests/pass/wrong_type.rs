#![allow(dead_code, unused_variables)]

fn main() {
    let user = 7u8;
    tracel::log_info!(UserLog(user, "capture requested", attempt = 2));
}
