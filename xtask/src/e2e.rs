//! `cargo xtask e2e`: the parts that need real servers and processes, as a user starts them.

use crate::command::{Cargo, root, say};
use std::{env, path::PathBuf, process::Command};

/// Those against brokers: Apache Kafka by Maven, and tansu by pip. With the whole workspace's features, as all here that is of
/// the profile `dev`: so it is built once.
const BROKERS: &str = "test --workspace --features tracel-tests/e2e,tracel-faults/e2e --test kafka --test outage -- --nocapture";
const DEMO: &str = "run --release -p demo -- --requests 200 --store clickhouse";
/// What the run under faults is made of. Vector's stand-in comes as the tests of its package build it: Vector's language takes
/// minutes to build, and is not built twice. The test that is named beside the programs brings the features that tests ask for.
const PROGRAMS: [&str; 3] = [
    "build --release -p demo",
    "test -p tracel-pipeline --features standin --no-run",
    "build --workspace --features tracel-tests/e2e,tracel-faults/e2e --bins --test kafka",
];

/// How much of it.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// How many requests the services get while the pipeline is under faults.
    #[arg(long, default_value_t = 9600)]
    requests: u32,
    /// How many a second.
    #[arg(long, default_value_t = 80)]
    rate: u32,
    /// The seed of a run whose faults are to be repeated.
    #[arg(long)]
    seed: Option<u64>,
    /// Only the pipeline under faults, without what is tested of brokers and the demo alone.
    #[arg(long)]
    faults: bool,
}

/// Whether all of them did what they should. A server that is missing is a failure.
pub(crate) fn run(options: &Options) -> Result<bool, String> {
    let mut well = true;
    if !options.faults {
        for command in [BROKERS, DEMO] {
            let cargo = Cargo::new(command.split(' '));
            well &= cargo.env("TRACEL_REQUIRE_SERVERS", "1").run()?;
        }
    }
    Ok(faults(options)? && well)
}

/// The whole pipeline under faults: its programs are built, then it runs.
fn faults(options: &Options) -> Result<bool, String> {
    for command in PROGRAMS {
        if !Cargo::new(command.split(' ')).run()? {
            return Ok(false);
        }
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let mut command = Command::new(target.join("debug/tracel-faults"));
    command
        .args(["--requests", &options.requests.to_string()])
        .args(["--rate", &options.rate.to_string()])
        .args(options.seed.map(|seed| format!("--seed={seed}")))
        .arg("--demo")
        .arg(target.join("release/demo"))
        .env("TRACEL_REQUIRE_SERVERS", "1")
        .current_dir(root());
    say("$ target/debug/tracel-faults");
    let status = command
        .status()
        .map_err(|error| format!("tracel-faults cannot be started: {error}"))?;
    Ok(status.success())
}
