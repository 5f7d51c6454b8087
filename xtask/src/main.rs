//! `cargo xtask`: the repository's own chores, and where each leads. What they do is in the modules.

mod bench;
mod bless;
mod command;
mod e2e;
mod generate;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

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
    /// Write the files that are made of others: docs/errors.md and `deploy/`.
    Generate {
        /// Write nothing, and exit with 1 when one is stale.
        #[arg(long)]
        check: bool,
        /// The program `tracel` that makes `deploy/`, when it is built already.
        #[arg(long, value_name = "PROGRAM")]
        tracel: Option<PathBuf>,
    },
    /// Run the end-to-end parts against real servers, and at last the whole pipeline under faults.
    E2e(e2e::Options),
    /// Measure: without a part, one record by TraceL and by other libraries, for docs/performance.md.
    #[command(args_conflicts_with_subcommands = true)]
    Bench {
        /// How often each library is measured; they take turns.
        #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
        /// A broker that makes topics by itself, to measure how many records arrive there in a second.
        #[arg(long, value_name = "HOST:PORT")]
        kafka: Option<String>,
        #[command(subcommand)]
        part: Option<Bench>,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// What a call costs its caller, in instructions (by callgrind) and allocations, held to the budgets in
    /// xtask/src/bench/budgets.rs; that a stripped one is no instruction, by its assembly; that cost grows linearly or
    /// better with fields, bytes and spans; and that a program with 2,000 calls has no more bytes than it may. Exits with 1
    /// when one is broken.
    Cost,
    /// What TraceL costs a build, beside `tracing` and `tracing-subscriber` with `json`.
    ///
    /// As a dependency: the packages of the default features are counted, and both are built from nothing, in turn; at most 40
    /// packages, and a ratio of the medians of CPU time of at most 1.5. As code: a crate with 2,000 log calls, 200 derives and
    /// 100 instrumented functions, beside the same with `tracing`; at most 0.25 times the CPU time of `cargo check` and of a
    /// release build, and 0.9 times the size of the program. Exits with 1 when one limit does not hold.
    Compile {
        /// How often each is built.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
        /// One of the two alone.
        #[arg(long)]
        only: Option<Part>,
    },
    /// What tables for logs cost in a ClickHouse, and how fast they answer: the shipped one beside others.
    ///
    /// Works in a database of its own, `tracel_bench`. Exits with 1 when the shipped table does not keep its limits.
    Storage {
        /// A ClickHouse, like that of `tracel dev`.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8123")]
        to: String,
        /// How many records.
        #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(10_000..))]
        rows: u64,
        /// Measure the shipped table alone.
        #[arg(long)]
        shipped: bool,
    },
}

/// What of a build is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Dependency,
    Calls,
}

/// Both parts, each told whether or not the other's limits hold.
fn compile(rounds: u32, only: Option<Part>) -> Result<bool, String> {
    let is_asked = |part| only.is_none_or(|only| only == part);
    let dependency = !is_asked(Part::Dependency) || bench::compile::run(rounds)?;
    let calls = !is_asked(Part::Calls) || bench::calls::run(rounds)?;
    Ok(dependency && calls)
}

/// All gates, each told whether or not the others hold.
fn cost() -> Result<bool, String> {
    let budgets = bench::cost::run()?;
    let stripped = bench::stripped::gate()?;
    let growth = bench::growth::gate()?;
    let size = bench::size::gate()?;
    Ok(budgets && stripped && growth && size)
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Bless => bless::run(),
        Chore::Generate { check, tracel } => generate::run(check, tracel.as_deref()),
        Chore::E2e(options) => e2e::run(&options),
        Chore::Bench {
            rounds,
            kafka,
            part: None,
        } => bench::peers::run(rounds, kafka.as_deref()),
        Chore::Bench {
            part: Some(Bench::Cost),
            ..
        } => cost(),
        Chore::Bench {
            part: Some(Bench::Compile { rounds, only }),
            ..
        } => compile(rounds, only),
        Chore::Bench {
            part: Some(Bench::Storage { to, rows, shipped }),
            ..
        } => bench::storage::run(&to, rows, shipped),
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
