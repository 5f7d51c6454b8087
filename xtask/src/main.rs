//! `cargo xtask`: the repository's own chores, and where each leads. What they do is in the modules.

mod bench;
mod bless;
mod command;
mod e2e;
mod generate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write all goldens anew (generated code, diagnostics, compile errors), then hold the code to them.
    ///
    /// Look at the difference before you commit it: it is what users see.
    Bless,
    /// Write the files that are made of others: docs/errors.md, the lint file that `tracel init` writes, and
    /// `deploy/`.
    Generate {
        /// Write nothing, and exit with 1 when one is stale.
        #[arg(long)]
        check: bool,
    },
    /// Run the end-to-end parts against real servers.
    E2e,
    /// Measure.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Subcommand)]
enum Bench {
    /// What a build of `tracel` costs beside one of `tracing` and `tracing-subscriber` with `json`.
    ///
    /// Counts the packages of the default features, and builds both from nothing, in turn. Exits with 1 when there are more
    /// than 40 packages, or when the ratio of the medians of CPU time is above 1.5.
    Compile {
        /// How often each is built.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Bless => bless::run(),
        Chore::Generate { check } => generate::run(check),
        Chore::E2e => e2e::run(),
        Chore::Bench(Bench::Compile { rounds }) => bench::compile::run(rounds),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            command::say(&format!("xtask: {message}"));
            ExitCode::from(2)
        }
    }
}
