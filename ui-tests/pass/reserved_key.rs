#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_debug!(SysLog("retrying", severity = "high", status = 200, part = "x"));
}
