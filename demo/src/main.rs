//! TraceL's demo: four services in four processes, over HTTP, gRPC and Kafka, a load of real requests, and the replay of one that failed.
//! `cargo run --release -p demo`.

mod audit;
mod brokers;
mod load;
mod services;
mod show;
mod stage;
mod store;

use clap::{Parser, Subcommand, ValueEnum};
use services::Settings;
use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Whatever went wrong, for people.
type Fault = Box<dyn Error + Send + Sync>;

/// Four services log one request with TraceL; one that failed is replayed.
#[derive(Clone, Debug, Parser)]
#[command(name = "demo", version)]
struct Options {
    /// How many payments are asked.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// How many a second.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// A store of your own: `clickhouse://HOST[:PORT][/DATABASE[/TABLE]]`, or `file:///FOLDER`; or a way to one,
    /// `kafka://HOST:PORT/TOPIC`, from which nothing is read back.
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    sink: Option<String>,
    /// Where the records go: the embedded ClickHouse, NDJSON files, or whichever can be had.
    #[arg(long, value_enum, default_value_t = StoreKind::Auto)]
    store: StoreKind,
    /// Kafka's brokers, `HOST:PORT,..`; else librdkafka plays one.
    #[arg(long, value_name = "BROKERS")]
    kafka: Option<String>,
    /// Write what was asked, answered and logged into this file, as JSON.
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// Keep the records, and say where they are.
    #[arg(long)]
    keep: bool,
    #[command(subcommand)]
    role: Option<Command>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    /// ClickHouse where libchdb.so can be had, else files.
    Auto,
    /// The embedded ClickHouse, or nothing.
    Clickhouse,
    /// NDJSON files.
    Files,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Run one of the services: what the demo starts itself with.
    #[command(hide = true)]
    Serve(Settings),
}

fn main() -> ExitCode {
    let mut options = Options::parse();
    let result = match options.role.take() {
        Some(Command::Serve(settings)) => runtime()
            .and_then(|runtime| runtime.block_on(services::serve(settings)))
            .map(|()| ExitCode::SUCCESS),
        None => runtime().and_then(|runtime| runtime.block_on(stage::run(options))),
    };
    result.unwrap_or_else(|error| {
        // When stderr is gone, nobody is left to be told.
        let _ = writeln!(io::stderr(), "demo: {error}");
        ExitCode::FAILURE
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
