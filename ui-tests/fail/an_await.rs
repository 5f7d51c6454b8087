#![allow(dead_code, unused_variables)]

async fn tenant() -> String {
    String::new()
}

async fn charge() {
    tracel::log_info!(SysLog("charging", tenant = tenant().await));
}

fn main() {
    drop(charge());
}
