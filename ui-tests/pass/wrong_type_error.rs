#![allow(dead_code, unused_variables)]

fn main() {
    let err: Box<dyn std::error::Error + Send + Sync> = "gone".into();
    tracel::log_error!(SysLog("charge refused", error = err));
}
