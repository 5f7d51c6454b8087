#![allow(dead_code, unused_variables)]

#[tracel::instrument]
struct Order;

#[tracel::instrument]
const fn answer() -> u64 {
    42
}

fn main() {
    let _ = (Order, answer());
}
