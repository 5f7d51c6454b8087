#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(UserLog(7, "capture requested"));
}
