#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(context: UserLog(7, "order taken up"));
    tracel::log_info!(UserLog(7, "order taken up"), amount = 3u64);
    tracel::log_info!(target: SysLog("order taken up"));
}
