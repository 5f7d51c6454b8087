#![allow(dead_code, unused_variables)]

fn main() {
    let text = String::from("signed in");
    tracel::log_info!(SysLog("signed in", reason = text));
    tracel::log_info!(UserLog(7, "signed in"));
}
