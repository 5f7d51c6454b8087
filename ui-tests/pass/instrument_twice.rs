#![allow(dead_code, unused_variables)]

#[tracel::instrument(name = "pay", level = "warn", root, err)]
fn pay() -> Result<(), std::io::Error> {
    Ok(())
}

#[tracel::instrument(level = "info", fields(event_id = tracel::generate_event_id()))]
fn two() {}

fn main() {}
