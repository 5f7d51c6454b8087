#![allow(dead_code, unused_variables)]

fn main() {
    let token = tracel::Secret::new("hunter2");
    tracel::log_debug!(SysLog("signed in", length = token.expose().len()));
}
