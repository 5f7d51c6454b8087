//! Turns schema.toml into types.

fn main() {
    tracel_schema::build()
}
