#![allow(dead_code, unused_variables)]

fn log(text: &str, n: u64) {
    tracel::log_info!(SysLog("settled", ok = n, ratio = n, balance = n));
    tracel::log_info!(SysLog("settled", payment_id = text, client = text, due = n, took = n));
    tracel::log_info!(SysLog("settled", digest = text, payload = text, tags = text, currency = text));
}

fn main() {}
