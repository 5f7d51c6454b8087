#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(name = "asked", message = "asked")]
struct Unknown;

#[derive(tracel::SysLog)]
#[log(event = "asked", message = "asked", event = "answered")]
struct Twice;

#[derive(tracel::SysLog)]
#[log(event = asked, message = concat!("a", "b"))]
struct NoLiteral;

#[derive(tracel::SysLog)]
#[log(event = "asked", message = "asked", level = "warning", category = "audit")]
struct NoLevel;

#[derive(tracel::SysLog)]
#[log(event = "Asked It", message = "asked")]
struct NoName;

#[derive(tracel::SysLog)]
#[log]
struct Nothing;

fn main() {}
