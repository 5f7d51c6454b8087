//! The schema that every case is held to: schema.toml beside this file.

fn main() {
    tracel_schema::build()
}
