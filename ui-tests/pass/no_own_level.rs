#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "settled", message = "settled", level = "debug")]
struct Settled;

#[derive(tracel::SysLog)]
#[log(event = "started", message = "started")]
struct Started;

fn main() {
    tracel::log!(Settled);
    tracel::log_info!(Started);
}
