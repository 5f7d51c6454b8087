#![allow(dead_code, unused_variables)]

fn main() {
    let user = "7";
    tracel::log_info!(UserLog(user, "capture requested", attempt = 2.5));
}
