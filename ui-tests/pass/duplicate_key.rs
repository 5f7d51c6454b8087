#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("retrying", attempt = 1));
}
