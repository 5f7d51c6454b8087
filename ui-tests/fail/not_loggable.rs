#![allow(dead_code, unused_variables)]

struct Socket;

fn main() {
    tracel::log_debug!(SysLog("retrying", socket = Socket));
}
