#![allow(dead_code, unused_variables)]

fn settle<T: tracel::Field<tracel::ty::u64>>(amount: T) {
    tracel::log_info!(SysLog("settled", amount));
    tracel::log_debug!(SysLog("settled", whatever = amount));
}

#[derive(tracel::SysLog)]
#[log(event = "settled", message = "settled")]
struct Settled<T: tracel::Field<tracel::ty::u64>> {
    amount: T,
}

fn main() {}
