#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id = 7, tenant = %order, attempt = 2, module = "pay"), level = "warn", skip(order))]
async fn capture(order: &str, password: &str) -> u64 {
    42
}

fn main() {}
