#![allow(dead_code, unused_variables)]

struct Started;

fn main() {
    tracel::log_info!(Started);
    tracel::log_info!(&5);
}
