#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked<'a> {
    user_id: u64,
    attempt: Option<&'a str>,
}

fn main() {}
