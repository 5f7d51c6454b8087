#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(event_id = %generate_event_id()))]
fn capture() {}

fn main() {
    capture();
}
