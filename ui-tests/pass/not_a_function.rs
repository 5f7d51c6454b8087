#![allow(dead_code, unused_variables)]

#[tracel::instrument]
fn answer() -> u64 {
    42
}

fn main() {
    answer();
}
