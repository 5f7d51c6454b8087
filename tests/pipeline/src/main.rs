//! Vector as a process of its own, to be started and killed: the real one when `vector` is on PATH, else the stand-in. The
//! first line says which.

use clap::Parser;
use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::atomic::AtomicBool,
    time::Duration,
};
use tracel_pipeline::{
    real::{self, CONFIGS, Place},
    remap::Remap,
    standin::{Counts, Options, run},
    store::Store,
};

/// Vector, or what stands in for it, from one topic of Kafka's into one database of ClickHouse's.
#[derive(Parser)]
struct Arguments {
    /// Kafka's bootstrap servers.
    #[arg(long)]
    kafka: String,
    /// The topic.
    #[arg(long, default_value = "logs")]
    topic: String,
    /// The consumer group.
    #[arg(long, default_value = "tracel-vector")]
    group: String,
    /// ClickHouse, as in `http://127.0.0.1:8123`.
    #[arg(long)]
    clickhouse: String,
    /// The database.
    #[arg(long, default_value = "default")]
    database: String,
    /// What `tracel generate` wrote for Vector.
    #[arg(long, default_value = "deploy/vector")]
    programs: PathBuf,
    /// A folder of its own for the real Vector: its configuration and its data.
    #[arg(long)]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match start(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // When stderr is gone, nobody is left to be told.
            let _ = writeln!(io::stderr(), "tracel-vector: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), String> {
    let say = |line: String| writeln!(io::stdout(), "{line}").map_err(|error| format!("stdout: {error}"));
    if let Some(binary) = real::binary() {
        let place = Place {
            kafka: &arguments.kafka,
            topic: &arguments.topic,
            group: &arguments.group,
            clickhouse: &arguments.clickhouse,
            database: &arguments.database,
        };
        real::prepare(&arguments.programs, &arguments.folder, &place)?;
        say(format!("vector: the real one, {}", binary.display()))?;
        let mut command = Command::new(&binary);
        command.current_dir(&arguments.folder);
        CONFIGS.iter().for_each(|name| {
            command.args(["--config", name]);
        });
        // In this process's place, so that who kills it kills Vector.
        return Err(format!("{}: {}", binary.display(), command.exec()));
    }
    let remap = Remap::open(&arguments.programs)?;
    say("vector: a stand-in that runs the same VRL, since no `vector` is on PATH".to_owned())?;
    let options = Options {
        kafka: arguments.kafka.clone(),
        topic: arguments.topic.clone(),
        group: arguments.group.clone(),
        batch: Duration::from_secs(1),
    };
    let store = Store::new(&arguments.clickhouse, &arguments.database);
    run(
        &options,
        &remap,
        &store,
        &Counts::default(),
        &AtomicBool::new(false),
    )
}
