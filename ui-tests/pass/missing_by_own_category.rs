#![allow(dead_code, unused_variables)]

fn main() {
    let (actor, reason) = ("ops", "asked");
    tracel::log_info!(Log::audit(actor, "role granted", reason));
}
