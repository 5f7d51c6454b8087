#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id), skip(order))]
fn capture(user_id: u64, order: u8) {}

fn main() {
    capture(1, 2);
}
