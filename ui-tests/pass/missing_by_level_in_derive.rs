#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked", level = "error")]
struct Asked {
    user_id: u64,
    error: std::io::Error,
}

fn main() {}
