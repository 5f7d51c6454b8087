#![allow(dead_code, unused_variables)]

fn main() {
    let text = String::from("signed in");
    tracel::log_info!(SysLog(text));
    tracel::log_info!(UserLog(7, format!("signed in")));
}
