#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "charge_refused", level = "error", message = "charge refused")]
struct Refused {
    error: std::io::Error,
}

fn main() {}
