#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!("charging card");
    tracel::log_info!();
    tracel::log_info!("attempt {}", 2);
    tracel::log_info!(5 6);
}
