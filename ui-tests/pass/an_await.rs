#![allow(dead_code, unused_variables)]

async fn tenant() -> String {
    String::new()
}

async fn charge() {
    let tenant = tenant().await;
    tracel::log_info!(SysLog("charging", tenant));
}

fn main() {
    drop(charge());
}
