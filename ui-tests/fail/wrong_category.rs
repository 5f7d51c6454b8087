#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "role_granted")]
struct Granted {
    actor: String,
    reason: String,
}

fn main() {}
