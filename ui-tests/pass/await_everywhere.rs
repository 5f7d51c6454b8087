#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}
use logs::RoleGranted;

async fn name() -> &'static str {
    "ops"
}

#[tracel::instrument]
async fn grant() {
    let actor = name().await;
    tracel::log!(RoleGranted { actor, reason: "asked" });
    tracel::log!(granted(actor));
    tracel::record!(tenant = actor);
    // What runs later is no wait of the log's.
    let later = async { name().await };
    tracel::log_info!(SysLog("granted", tenant = std::any::type_name_of_val(&async { name().await })));
    drop(later);
}

fn granted(actor: &str) -> RoleGranted<'_> {
    RoleGranted { actor, reason: "asked" }
}

fn main() {
    drop(grant());
}
