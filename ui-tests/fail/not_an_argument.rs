#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user), skip(ordr))]
fn capture(user_id: u64, order: u8) {}

fn main() {}
