#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(Log::audti("ops", "role granted", reason = "asked"));
}
