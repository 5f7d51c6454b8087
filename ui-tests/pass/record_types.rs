#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = 7u64;
    let tenant = String::from("acme");
    tracel::record!(user_id, tenant = &tenant);
}
