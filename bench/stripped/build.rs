//! The schema of the call.
fn main() {
    tracel_schema::build();
}
