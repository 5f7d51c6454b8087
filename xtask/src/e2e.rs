//! `cargo xtask e2e`: the parts that need real servers and processes, as a user starts them.

use crate::command::Cargo;

/// Those against brokers: Apache Kafka by Maven, and tansu by pip.
const BROKERS: &str = "test -p tracel-tests --features e2e --test kafka --test outage -- --nocapture";
const DEMO: &str = "run --release -p demo -- --requests 200 --store clickhouse";

/// Whether all of them did what they should. A server that is missing is a failure.
pub(crate) fn run() -> Result<bool, String> {
    let mut well = true;
    for command in [BROKERS, DEMO] {
        let cargo = Cargo::new(command.split(' '));
        well &= cargo.env("TRACEL_REQUIRE_SERVERS", "1").run()?;
    }
    Ok(well)
}
