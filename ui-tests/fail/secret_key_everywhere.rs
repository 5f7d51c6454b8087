#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

#[tracel::instrument(fields(password, pin = %password))]
fn sign_in(password: &str) {
    tracel::log_error!(SysLog("refused", error = &std::io::Error::other("no"), password));
    tracel::log!(logs::RoleGranted { actor: "ops", reason: "asked", password });
    tracel::record!(pin = password);
}

#[derive(tracel::SysLog)]
#[log(event = "charge_refused")]
struct Refused<'a> {
    error: std::io::Error,
    password: &'a str,
}

fn main() {}
