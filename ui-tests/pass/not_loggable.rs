#![allow(dead_code, unused_variables)]

#[derive(Debug)]
struct Socket;

fn main() {
    tracel::log_debug!(SysLog("retrying", socket = tracel::debug(Socket)));
}
