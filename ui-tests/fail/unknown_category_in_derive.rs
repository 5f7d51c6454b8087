#![allow(dead_code, unused_variables)]

#[derive(tracel::Log)]
#[log(category = "audti", event = "asked", message = "asked")]
struct Asked {
    reason: String,
}

fn main() {}
