#![allow(dead_code, unused_variables)]

fn main() {
    let attempt = 2;
    tracel::log_info!(SysLog("attempt {attempt}"));
    tracel::log_info!(UserLog(7, "paid {:?}", attempt));
}
