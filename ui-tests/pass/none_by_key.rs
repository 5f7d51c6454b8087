#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_error!(SysLog("charge refused", error = std::fmt::Error, attempt = None));
}
