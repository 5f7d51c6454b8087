#![allow(dead_code, unused_variables)]

use std::sync::Arc;
use tracel::Secret;

#[derive(tracel::Field)]
struct TokenId(String);

#[derive(tracel::SysLog)]
#[log(event = "signed_in", message = "signed in")]
struct SignedIn {
    tenant: Option<String>,
    tags: Vec<String>,
}

#[tracel::instrument(err)]
fn sign_in() -> Result<(), std::io::Error> {
    Ok(())
}

fn log(token: TokenId, shared: Arc<Secret<String>>) {
    tracel::log_info!(SysLog("signed in", tenant = token, attempt = u32::from(shared.expose().is_empty())));
    tracel::record!(tenant = Some("acme"));
}

fn main() {}
