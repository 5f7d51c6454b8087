#![allow(dead_code, unused_variables)]

#[tracel::instrument(name = "pay", level = "warn", name = "charge", level = "Info", root, root, err, err)]
fn pay() -> Result<(), std::io::Error> {
    Ok(())
}

#[tracel::instrument(level = tracing::Level::NOTICE, fields(event_id = 1, event_id = 2))]
fn two() {}

fn main() {}
