#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log!(SysLog("charging card"));
}
