#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "retried", message = "retried")]
struct Retried(u32);

#[derive(tracel::SysLog)]
#[log(event = "moved", message = "moved")]
enum Moved {
    Up,
    Down,
}

fn main() {
    tracel::log_info!(Retried(2));
    tracel::log_info!(Moved::Up);
    tracel::log_info!(Moved::Down);
}
