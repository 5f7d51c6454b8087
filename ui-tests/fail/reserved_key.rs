#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_debug!(SysLog("retrying", level = "high", http_status = 200, module = "x"));
}
