#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id = user, attempt = 2, amount = 5, tenant = %user))]
fn capture(user: u64) {}

fn main() {
    capture(1);
}
