#![allow(dead_code, unused_variables)]

#[derive(tracel::Field)]
struct Cents(u64);

#[derive(tracel::Field)]
struct Named {
    inner: String,
}

fn main() {
    tracel::log_info!(SysLog("paid", amount = Cents(5), tenant = Named { inner: String::new() }));
}
