#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = 7;
    tracel::log_info!(UserLog(user_id = user_id));
    tracel::log_info!(SysLog());
}
