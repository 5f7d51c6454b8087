#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

fn main() {
    tracel::log_warn!(logs::RoleGranted { actor: "ops", reason: "asked" });
}
