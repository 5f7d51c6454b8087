#![allow(dead_code, unused_variables)]

use std::sync::Arc;
use tracel::Secret;

#[derive(tracel::Field)]
struct Token(Secret<String>);

#[derive(tracel::SysLog)]
#[log(event = "signed_in", message = "signed in")]
struct SignedIn {
    tenant: Option<Secret<String>>,
    tags: Vec<Secret<String>>,
}

#[tracel::instrument(err)]
fn sign_in() -> Result<(), Secret<String>> {
    Ok(())
}

fn log(token: Token, shared: Arc<Secret<String>>) {
    tracel::log_info!(SysLog("signed in", tenant = token, reason = shared));
    tracel::record!(tenant = Some(Secret::new("hunter2")));
}

fn main() {}
