#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user, tenant = %order, attempt = ?2, password, module = 5.), levl = "warn", skip(orders))]
async fn capture(order: &str, password: &str) -> u64 {
    42
}

fn main() {}
