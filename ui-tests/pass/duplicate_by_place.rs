#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(UserLog("capture requested", user_id = 7));
}
