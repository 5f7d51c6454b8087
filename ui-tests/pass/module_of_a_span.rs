#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(module = "Transaction"))]
fn capture() {}

#[tracel::instrument(fields(module = ?order))]
async fn settle(order: Vec<u8>) {}

#[tracel::instrument(fields(module))]
fn named(module: &String) {}

#[tracel::instrument(fields(module = std::borrow::Cow::Borrowed("Transaction")))]
fn borrowed() {}

fn main() {}
