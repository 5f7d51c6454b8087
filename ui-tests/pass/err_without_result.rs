#![allow(dead_code, unused_variables)]

#[tracel::instrument]
fn answer() -> u64 {
    42
}

#[tracel::instrument(err)]
async fn find() -> Result<u64, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn main() {}
