#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "charge_refused")]
struct Refused {
    error: std::io::Error,
    tags: Vec<String>,
}

mod logs {
    tracel::include_schema!();
}

fn main() {
    let error = &std::io::Error::other("gone");
    tracel::log!(logs::ChargeRefused { error, attempt: Some(2) });
}
