#![allow(dead_code, unused_variables)]

#[tracel::instrument(err)]
fn answer() -> u64 {
    42
}

#[tracel::instrument(err)]
async fn find() -> Option<u64> {
    None
}

fn main() {}
