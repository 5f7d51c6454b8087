#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("charging card"));
    tracel::log_info!(SysLog("attempt", attempt = 2));
}
