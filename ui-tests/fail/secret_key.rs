#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("signed in", password = "hunter2"));
}
