#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked {
    user_id: u64,
    reason: String,
}

fn main() {}
