#![allow(dead_code, unused_variables)]

#[derive(tracel::Log)]
#[log(category = "audit", event = "asked", message = "asked")]
struct Asked {
    actor: String,
    reason: String,
}

fn main() {}
