#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id, tenant = order, attempt = -1))]
fn capture(user_id: &str, order: Vec<u8>) {}

#[tracel::instrument(err)]
fn pay() -> Result<(), String> {
    Ok(())
}

#[tracel::instrument(fields(tenant))]
async fn sign_in(tenant: tracel::Secret<String>) {}

fn main() {}
