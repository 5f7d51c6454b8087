#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "retried", message = "retried")]
struct Retried {
    attempt: u32,
}

fn main() {
    tracel::log_info!(Retried { attempt: 2 });
}
