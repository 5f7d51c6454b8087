#![allow(dead_code, unused_variables)]

fn main() {
    let token = tracel::Secret::new("hunter2");
    tracel::log_info!(SysLog("signed in", tenant = token));
    tracel::log_debug!(SysLog("signed in", token));
    tracel::log_info!(SysLog("signed in", tenant = tracel::display(&token)));
}
