#![allow(dead_code, unused_variables)]

fn main() {
    let (user_id, amount) = (7u32, 5u8);
    tracel::log_info!(UserLog(user_id, "capture requested", amount));
    tracel::log_info!(SysLog("capture requested", amount, reason = "now"));
}
