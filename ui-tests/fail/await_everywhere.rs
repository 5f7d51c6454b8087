#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}
use logs::RoleGranted;

async fn name() -> &'static str {
    "ops"
}

#[tracel::instrument(fields(tenant = name().await))]
async fn grant() {
    tracel::log!(RoleGranted { actor: name().await, reason: "asked" });
    tracel::log!(granted(name().await));
    tracel::record!(tenant = name().await);
}

fn granted(actor: &str) -> RoleGranted<'_> {
    RoleGranted { actor, reason: "asked" }
}

fn main() {
    drop(grant());
}
