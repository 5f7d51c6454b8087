#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(module = 3))]
fn capture() {}

#[tracel::instrument(fields(module = order))]
async fn settle(order: Vec<u8>) {}

fn main() {}
