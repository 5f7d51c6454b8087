#![allow(dead_code, unused_variables)]

fn main() {
    let err = "gone";
    tracel::log_error!(SysLog("charge refused", error = err));
}
