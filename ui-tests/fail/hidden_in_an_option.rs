#![allow(dead_code, unused_variables)]

type Account = Option<u64>;

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked {
    user_id: Account,
}

fn main() {}
