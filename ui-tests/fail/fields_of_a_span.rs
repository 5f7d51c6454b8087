#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id = user, atempt = 2, password = "x", amount = %5, user_id = 3, level = 1))]
fn capture(user: u64) {}

fn main() {}
