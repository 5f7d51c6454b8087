#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(Log::audit("ops", "role granted", reason = "asked"));
}
