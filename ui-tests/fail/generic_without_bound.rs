#![allow(dead_code, unused_variables)]

fn settle<T>(amount: T) {
    tracel::log_info!(SysLog("settled", amount));
    tracel::log_debug!(SysLog("settled", whatever = amount));
}

#[derive(tracel::SysLog)]
#[log(event = "settled", message = "settled")]
struct Settled<T> {
    amount: T,
}

fn main() {}
