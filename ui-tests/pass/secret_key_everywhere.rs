#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

#[tracel::instrument(skip(password))]
fn sign_in(password: &str) {
    tracel::log_error!(SysLog("refused", error = &std::io::Error::other("no")));
    tracel::log!(logs::RoleGranted { actor: "ops", reason: "asked" });
    tracel::record!(attempt = 2);
}

#[derive(tracel::SysLog)]
#[log(event = "charge_refused")]
struct Refused {
    error: std::io::Error,
}

fn main() {}
