#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(event_id = 7u64))]
fn capture() {}

fn main() {
    capture();
}
