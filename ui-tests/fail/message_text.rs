#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(message = " ")]
struct Silent {
    attempt: u32,
}

fn main() {
    tracel::log_info!(SysLog(""));
    tracel::log_info!(UserLog(7, "signed in\nfrom afar"));
}
