//! The build script of the three crates beside it: each compiles its own schema.toml.
fn main() {
    tracel_schema::build();
}
