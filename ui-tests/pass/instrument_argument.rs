#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id))]
fn one(user_id: u64) {}

#[tracel::instrument(level = "trace", name = "zwei", root, skip_all)]
fn two() {}

fn main() {
    one(1);
    two();
}
