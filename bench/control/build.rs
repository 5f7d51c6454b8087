//! The schema of the one record that is measured.
fn main() {
    tracel_schema::build();
}
