#![allow(dead_code, unused_variables)]

fn main() {
    let (user, tenant, password) = ((7u64,), "acme", "hunter2");
    tracel::record!(user.0, tenat = tenant, password, tenant = %tenant, amount = 1, amount = 2, event_id = 3, "text");
}
