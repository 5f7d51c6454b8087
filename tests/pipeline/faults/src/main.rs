//! The whole pipeline under faults, each part a process: the demo's services, Apache Kafka, Vector and ClickHouse, of which
//! each in turn is killed, refuses or is given poison, while requests go on. `cargo xtask e2e` builds and runs it.

mod kafka;
mod load;
mod pipeline;
mod poison;
mod process;
mod schedule;
mod store;
mod verdict;

use clap::Parser;
use fastrand::Rng;
use load::Load;
use pipeline::Pipeline;
use process::say;
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// The whole pipeline under faults. Exits with 0 when nothing is lost at the end.
#[derive(Parser)]
struct Arguments {
    /// How many requests the services get.
    #[arg(long, default_value_t = 9600, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// How many a second.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// The same faults in the same order as another run; without it, others each time.
    #[arg(long)]
    seed: Option<u64>,
    /// The demo's program.
    #[arg(long, default_value = "target/release/demo")]
    demo: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let start = Instant::now();
    say(&format!(
        "the pipeline under faults: {} requests, {} a second, --seed {seed}",
        arguments.requests, arguments.rate
    ));
    match play(&arguments, seed) {
        Ok(()) => {
            say(&format!("all well after {:.0?}", start.elapsed()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!(
                "FAILED after {:.0?} with --seed {seed}: {error}",
                start.elapsed()
            ));
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: &Arguments, seed: u64) -> Result<(), String> {
    let folder = tempfile::Builder::new()
        .prefix("tracel-faults-")
        .tempdir()
        .map_err(|error| format!("no temporary folder: {error}"))?;
    let result = within(arguments, seed, folder.path());
    if result.is_err() {
        say(&format!(
            "  what each part wrote is kept in {}",
            folder.keep().display()
        ));
    }
    result
}

fn within(arguments: &Arguments, seed: u64, folder: &std::path::Path) -> Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    let mut pipeline = Pipeline::start(folder)?;
    let mut load = Load::start(&arguments.demo, arguments.requests, arguments.rate, &pipeline)?;
    let injected = schedule::run_all(&mut pipeline, &mut load, &mut rng)?;
    let account = load.end()?;
    verdict::settle(&mut pipeline, &account, &injected, &mut rng)
}
