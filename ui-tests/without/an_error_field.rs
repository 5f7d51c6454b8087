//! schema.toml has no field `error`.
#![allow(dead_code, unused_variables)]

#[tracel::instrument(err)]
fn pay() -> Result<(), std::io::Error> {
    Ok(())
}

fn main() {}
