//! The schema of these tests.
fn main() {
    tracel_schema::build();
}
