#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("retrying", items = ["a"], tags = "a"));
}
