#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(user_id, tenant = order, balance = -1))]
fn capture(user_id: &u64, order: String) {}

#[tracel::instrument(err)]
fn pay() -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {
    capture(&1, String::new());
    let _ = pay();
}
