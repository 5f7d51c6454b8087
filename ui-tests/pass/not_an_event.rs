#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "started", message = "started")]
struct Started;

fn main() {
    tracel::log_info!(Started);
    tracel::log_info!(&Started);
}
