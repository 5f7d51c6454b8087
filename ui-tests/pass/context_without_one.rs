#![allow(dead_code, unused_variables)]

fn main() {
    let context = tracel::Context::current();
    tracel::log_info!(context: &context, UserLog(7, "order taken up"));
    tracel::log_info!(UserLog(7, "order taken up", amount = 3u64));
    tracel::log_info!(tracel::SysLog("order taken up"));
}
