#![allow(dead_code, unused_variables)]

#[derive(tracel::SysLog)]
#[log(event = "charge_refused")]
struct Refused {
    error: std::io::Error,
    tenant: String,
}

mod logs {
    tracel::include_schema!();
}

fn main() {
    let error = &std::io::Error::other("gone");
    tracel::log!(logs::ChargeRefused { error, atempt: Some(2) });
}
