//! The field `error` of schema.toml is secret.
#![allow(dead_code, unused_variables)]

#[tracel::instrument(err)]
fn pay() -> Result<(), std::io::Error> {
    Ok(())
}

fn main() {}
