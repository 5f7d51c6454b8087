#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = 7u8;
    tracel::log_info!(UserLog("signed in", user_id = user_id));
    tracel::log_info!(SysLog("signed in"));
}
