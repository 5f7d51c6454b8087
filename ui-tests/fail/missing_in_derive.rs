#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked {
    amount: u64,
}

fn main() {}
