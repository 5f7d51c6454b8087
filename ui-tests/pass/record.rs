#![allow(dead_code, unused_variables)]

fn main() {
    let (user, tenant) = ((7u64,), "acme");
    tracel::record!(user_id = user.0, tenant, amount = 2);
}
