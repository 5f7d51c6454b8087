#![allow(dead_code, unused_variables)]

fn main() {
    let (tenant, attempt) = ("acme", 2u32);
    tracel::log_info!(SysLog("retrying", tenant = %tenant, attempt = ?attempt));
}
