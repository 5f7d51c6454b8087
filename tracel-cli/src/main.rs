//! The command `tracel`: its arguments, and where each leads.

mod command;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tracel_cli::{audit, init::Options};

/// Structured logging in which a wrong log does not compile.
#[derive(Parser)]
#[command(name = "tracel", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a package, or all packages of a workspace, log with TraceL.
    ///
    /// Adds what they lack: schema.toml, build.rs, the dependencies, the bans of clippy.toml and the lint table, and in a fresh
    /// package a first log. What stands there stays; what cannot be added is told, with the lines to write.
    Init {
        /// The folder of the package or of the workspace.
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// Only this package of the workspace; may be given several times.
        #[arg(long, short, value_name = "NAME")]
        package: Vec<String>,
        /// Depend on a checkout of TraceL in this folder, in place of the published crates.
        #[arg(long, value_name = "CHECKOUT")]
        path: Option<PathBuf>,
        /// Tell what would change, and write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Then count the banned calls that stand in the workspace, and record them in tracel-baseline.toml.
        ///
        /// Their lints are set to "allow", so that no build fails for what stands; `tracel check --baseline` holds the counts.
        #[arg(long)]
        baseline: bool,
    },
    /// Print all records of one request, over all services, as a tree.
    ///
    /// Exits with 1 when the store has no record of the request, and with 2 when it cannot be read.
    Replay {
        /// The request: the event_id of any of its records, or its last 8 digits and more, as `pretty:` prints them.
        #[arg(value_parser = command::replay::wanted)]
        event_id: command::replay::Wanted,
        /// The store: `clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE[/TABLE]]` (or `http://`), a file of NDJSON, or a
        /// folder of such files, or of journals that dead processes left (`TRACEL_DIR`); several times for several.
        #[arg(long, value_name = "URL|PATH", required = true)]
        from: Vec<String>,
        /// Print the records as JSON, one a line, in order.
        #[arg(long)]
        json: bool,
    },
    /// Find what was lost, doubled, logged outside any request, held in quarantine, or late.
    ///
    /// Each instance counts its records, so a number that no record has is a lost record. Exits with 1 when a record was
    /// lost, announced or not, and with 2 when the store cannot be read.
    Audit {
        /// The store: `clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE[/TABLE]]` (or `http://`), a file of NDJSON, or a
        /// folder of such files; files and folders several times for several.
        #[arg(long, value_name = "URL|PATH", required = true)]
        from: Vec<String>,
        /// Only records of so long ago and newer (`6h`, `7d`). By default all of files, and of a table what is inside its
        /// shortest retention.
        #[arg(long, value_name = "TIME", value_parser = command::audit::time)]
        since: Option<Duration>,
        /// A gap counts when what proves it came so long ago: what is younger may wait for others on their way. By default
        /// `1m` in a table, and nothing in files.
        #[arg(long, value_name = "TIME", value_parser = command::audit::time)]
        settle: Option<Duration>,
        /// A record is late when it came so long after it was logged.
        #[arg(long, value_name = "TIME", default_value = "1h", value_parser = command::audit::time)]
        late: Duration,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check a schema.toml, and print everything that is wrong with it.
    ///
    /// Exits with 1 when something is, and with 2 when it cannot be read.
    Check {
        /// The schema.
        #[arg(default_value = "schema.toml")]
        schema: PathBuf,
        /// Check a workspace in place of a schema: that no banned call is there more often than its tracel-baseline.toml says.
        #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = ".", conflicts_with = "schema")]
        baseline: Option<PathBuf>,
    },
    /// Write deploy/ from the schemas: what Vector and ClickHouse run.
    ///
    /// Several schemas are merged as if one extended them all, so that one name means one thing in every service.
    Generate {
        /// The schemas of all services that log into one store.
        #[arg(default_value = "schema.toml")]
        schemas: Vec<PathBuf>,
        /// The folder to write into.
        #[arg(long, default_value = "deploy")]
        out: PathBuf,
        /// Write nothing; exit with 1 when a file is not what would be written, and show where.
        #[arg(long)]
        check: bool,
    },
    /// Explain the code of an error, with an example and its mended twin; without one, list all codes.
    Explain {
        /// The code: `TL0102`.
        code: Option<String>,
    },
    /// Make the tables in a ClickHouse, or bring them up to this version.
    Migrate {
        /// The server: `clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]` (or `http://`).
        #[arg(long, value_name = "URL")]
        to: String,
        /// Fit the tables to this schema.toml as well: the types of its fields under `metadata`, and how long its events and
        /// levels are kept.
        #[arg(long, value_name = "PATH")]
        schema: Option<PathBuf>,
        /// Make the roles `tracel_writer` and `tracel_reader` as well.
        #[arg(long)]
        roles: bool,
    },
    /// Read records again from Kafka, and send them to a sink.
    ///
    /// For what a store lacks though Kafka has it: `tracel audit` says that it is missing, the table's columns topic, partition
    /// and offset between which. What the store has after all counts once there. Exits with 1 when Kafka lacks a part of it.
    #[cfg(feature = "kafka")]
    Backfill {
        /// Brokers to begin with: `one:9092,two:9092`.
        #[arg(long)]
        brokers: String,
        /// The topic.
        #[arg(long)]
        topic: String,
        /// Only this partition.
        #[arg(long)]
        partition: Option<i32>,
        /// The first and the last offset, `17..42`; either may be left out.
        #[arg(long, value_name = "FIRST..LAST", requires = "partition", value_parser = command::backfill::offsets)]
        offsets: Option<(Option<i64>, Option<i64>)>,
        /// A setting of librdkafka, as in `security.protocol=SSL`; may be given several times.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = command::backfill::property)]
        properties: Vec<(String, String)>,
        /// Where to: a sink's address, at best Vector's, which holds the records to the schema.
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// Read records again from Kafka, and send them to a sink (not in this build: it lacks the feature `kafka`).
    #[cfg(not(feature = "kafka"))]
    #[command(disable_help_flag = true)]
    Backfill {
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        _all: Vec<std::ffi::OsString>,
    },
    /// Deliver what dead processes have left in a durable folder.
    ///
    /// A journal and what its sinks were behind with stay on disk when a process is killed; the next start of its service
    /// delivers them, and so does this, also while no such service runs. Without a sink it tells what is there, and changes
    /// nothing. Exits with 1 when something is left.
    #[cfg(target_os = "linux")]
    Recover {
        /// The folder that the services have as TRACEL_DIR, or one service's or process's in it.
        folder: PathBuf,
        /// Where to: a sink's address, one for each sink that the processes had.
        #[arg(long = "sink", value_name = "URL", value_parser = command::sink)]
        sinks: Vec<tracel::sink::Address>,
        /// Tell what is there, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Go on, and deliver what dies from now on, until told to end (SIGINT, SIGTERM).
        #[arg(long, requires = "sinks")]
        watch: bool,
        /// How long to wait for the sinks at the end.
        #[arg(long, value_name = "TIME", default_value = "5m", value_parser = command::audit::time)]
        wait: Duration,
    },
    /// What broke the schema: tell it, look at it, and send it again once the schema is mended.
    #[command(subcommand)]
    Quarantine(command::quarantine::Action),
    /// Run a ClickHouse on this machine, with TraceL's tables in it.
    ///
    /// It is ClickHouse's own engine (libchdb.so, fetched once with npm, or named by TRACEL_LIBCHDB) behind its HTTP
    /// interface, for this machine alone.
    #[cfg(feature = "dev")]
    Dev {
        /// The port on 127.0.0.1; 0 takes a free one.
        #[arg(long, default_value_t = 8123)]
        port: u16,
        /// The folder that holds the data.
        #[arg(long, default_value = ".tracel/clickhouse")]
        data: PathBuf,
    },
    /// Run a ClickHouse on this machine (not in this build: it lacks the feature `dev`).
    #[cfg(not(feature = "dev"))]
    #[command(disable_help_flag = true)]
    Dev {
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        _all: Vec<std::ffi::OsString>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Init {
            folder,
            package: packages,
            path: checkout,
            dry_run,
            baseline,
        } => command::init::run(
            &Options {
                folder,
                packages,
                checkout,
            },
            dry_run,
            baseline,
        ),
        Command::Replay { event_id, from, json } => command::replay::run(&event_id, &from, json),
        Command::Check { schema, baseline } => match baseline {
            None => command::check::run(&schema),
            Some(folder) => command::check::baseline(&folder),
        },
        Command::Audit {
            from,
            since,
            settle,
            late,
            json,
        } => command::audit::run(&from, &audit::Options { since, settle, late }, json),
        Command::Generate { schemas, out, check } => command::generate::run(&schemas, &out, check),
        Command::Explain { code } => command::explain::run(code.as_deref()),
        Command::Migrate { to, schema, roles } => command::migrate::run(&to, schema.as_deref(), roles),
        #[cfg(feature = "kafka")]
        Command::Backfill {
            brokers,
            topic,
            partition,
            offsets,
            properties,
            to,
        } => {
            let (first, last) = offsets.unwrap_or_default();
            let from = tracel_cli::backfill::From {
                brokers,
                topic,
                partition,
                first,
                last,
                properties,
            };
            command::backfill::run(&from, &to)
        }
        #[cfg(not(feature = "kafka"))]
        Command::Backfill { .. } => Err(command::lacks("`tracel backfill`", "kafka")),
        #[cfg(target_os = "linux")]
        Command::Recover {
            folder,
            sinks,
            dry_run,
            watch,
            wait,
        } => {
            let sinks = if dry_run { Vec::new() } else { sinks };
            command::recover::run(&folder, &command::recover::Options { sinks, watch, wait })
        }
        Command::Quarantine(action) => command::quarantine::run(action),
        #[cfg(feature = "dev")]
        Command::Dev { port, data } => command::dev::run(port, data),
        #[cfg(not(feature = "dev"))]
        Command::Dev { .. } => Err(command::lacks("`tracel dev`", "dev")),
    };
    result.unwrap_or_else(|error| {
        command::tell(&format!("tracel: {error}"));
        ExitCode::from(2)
    })
}
