#![allow(dead_code, unused_variables)]

fn main() {
    let err = std::io::Error::other("gone");
    tracel::log_error!(SysLog("charge refused", error = &err));
}
