#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(message = "retrying")]
struct Silent {
    attempt: u32,
}

fn main() {
    tracel::log_info!(SysLog("signed in"));
    tracel::log_info!(UserLog(
        7,
        "signed in \
         from afar"
    ));
}
