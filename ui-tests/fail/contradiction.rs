#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "charge_refused", level = "warn", message = "refused")]
struct Refused {
    error: std::io::Error,
}

fn main() {}
