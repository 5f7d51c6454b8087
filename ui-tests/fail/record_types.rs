#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = "seven";
    let token = tracel::Secret::new("hunter2");
    tracel::record!(user_id, tenant = token);
}
