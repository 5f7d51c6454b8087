#![allow(dead_code, unused_variables)]

fn main() {
    let (user_id, amount) = (7, 5);
    tracel::log_info!(UserLog(user_id, amount, "capture requested"));
    tracel::log_info!(SysLog(amount, "capture requested"));
    tracel::log_info!(SysLog("capture requested", "now"));
}
