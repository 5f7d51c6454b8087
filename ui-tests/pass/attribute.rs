#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "asked", message = "asked", level = "warn")]
struct Known;

#[derive(tracel::SysLog)]
#[log(message = "asked")]
#[log(level = "info")]
struct NameOfItsOwn;

fn main() {
    tracel::log!(Known);
    tracel::log!(NameOfItsOwn);
}
