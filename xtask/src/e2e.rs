//! `cargo xtask e2e`: the parts that need real servers and processes, as a user starts them.

use crate::command::Cargo;

/// Whether all of them did what they should.
pub(crate) fn run() -> Result<bool, String> {
    let demo = "run --release -p demo -- --requests 200 --store clickhouse";
    Cargo::new(demo.split(' ')).run()
}
