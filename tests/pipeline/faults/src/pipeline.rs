//! All parts together: the brokers, Vector and ClickHouse, each of which can be killed and started again.

use crate::{
    kafka::{GROUP, Kafka, Offsets, PARTITIONS, QUARANTINE, TOPIC},
    process::{PATIENCE, Process, run, say, until},
    store::Store,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};
use tracel_tests::broker::Broker;

/// The pipeline.
pub(crate) struct Pipeline {
    /// Logs, data and journals.
    pub(crate) folder: PathBuf,
    pub(crate) broker: Broker,
    pub(crate) kafka: Kafka,
    pub(crate) store: Store,
    vector: Option<Process>,
    /// What `tracel generate` wrote for Vector.
    programs: PathBuf,
}

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(3).unwrap_or(own).to_owned()
}

/// A program that was built beside this one.
pub(crate) fn beside(name: &str) -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let path = own.with_file_name(name);
    if !path.is_file() {
        return Err(format!(
            "{} is not there: `cargo xtask e2e` builds it, and runs this",
            path.display()
        ));
    }
    Ok(path)
}

impl Pipeline {
    /// Starts all of it, with the programs of `deploy/vector` as they are checked in.
    pub(crate) fn start(folder: &Path) -> Result<Pipeline, String> {
        let broker = Broker::kafka().ok_or("there is no Apache Kafka")?;
        // The row around a line in quarantine is longer than the line.
        broker.create_topic(TOPIC, PARTITIONS, &[("max.message.bytes", "2000000")]);
        broker.create_topic(QUARANTINE, PARTITIONS, &[("max.message.bytes", "4000000")]);
        let kafka = Kafka::new(broker.address());
        say(&format!(
            "  Apache Kafka at {}, {PARTITIONS} partitions",
            kafka.brokers()
        ));
        let store = Store::start(&beside("tracel-dev")?, folder)?;
        say(&format!("  ClickHouse at {}", store.url()));
        let mut pipeline = Pipeline {
            folder: folder.to_owned(),
            broker,
            kafka,
            store,
            vector: None,
            programs: root().join("deploy/vector"),
        };
        pipeline.sound(&["migrate", "--to", &pipeline.store.url()])?;
        let first = pipeline.vector_up()?;
        say(&format!("  {first}"));
        Ok(pipeline)
    }

    /// Starts Vector, and gives its first line, which says which it is.
    pub(crate) fn vector_up(&mut self) -> Result<String, String> {
        let own = self.folder.join("vector");
        fs::create_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
        let mut command = Command::new(beside("tracel-vector")?);
        command
            .args([
                "--kafka",
                self.kafka.brokers(),
                "--topic",
                TOPIC,
                "--group",
                GROUP,
            ])
            .args(["--clickhouse", &self.store.url()])
            .arg("--programs")
            .arg(&self.programs)
            .arg("--folder")
            .arg(own);
        let mut process = Process::start("vector", &mut command, &self.folder)?;
        let before = process.log().len();
        let mut first = String::new();
        until("Vector says which it is", || {
            first = process.log()[before..]
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            match process.ended()? {
                Some(status) => Err(process.fault(&format!("ended, {status}"))),
                None => Ok(first.starts_with("vector: ")),
            }
        })?;
        self.vector = Some(process);
        Ok(first)
    }

    /// SIGKILL.
    pub(crate) fn vector_down(&mut self) -> Result<(), String> {
        self.vector.take().map_or(Ok(()), Process::kill)
    }

    /// Vector with other programs from here on.
    pub(crate) fn mend(&mut self, programs: PathBuf) -> Result<(), String> {
        self.programs = programs;
        self.vector_down()?;
        self.vector_up().map(drop)
    }

    /// Waits until Vector has committed all that the topic holds by now.
    pub(crate) fn caught_up(&mut self, after: &str) -> Result<(), String> {
        let ends = self.kafka.ends()?;
        let behind = |committed: &Offsets| -> i64 {
            let left = |(partition, end): (&i32, &i64)| end - committed.get(partition).copied().unwrap_or(0);
            ends.iter().map(left).map(|left| left.max(0)).sum()
        };
        let (mut left, mut moved) = (i64::MAX, Instant::now());
        loop {
            let now = behind(&self.kafka.committed()?);
            if now == 0 {
                return Ok(());
            }
            if let Some(process) = &mut self.vector
                && let Some(status) = process.ended()?
            {
                return Err(process.fault(&format!("ended {after}, {status}")));
            }
            if now < left {
                (left, moved) = (now, Instant::now());
            }
            if moved.elapsed() > PATIENCE {
                return Err(format!(
                    "{after} Vector does not come to the topic's end: it stays {now} messages behind"
                ));
            }
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
    }

    /// Runs `tracel` with these arguments, and gives its exit code and what it printed.
    pub(crate) fn tracel(&self, arguments: &[&str]) -> Result<(Option<i32>, String), String> {
        run(Command::new(beside("tracel")?)
            .args(arguments)
            .current_dir(root()))
    }

    /// The same, when it must exit with 0.
    pub(crate) fn sound(&self, arguments: &[&str]) -> Result<String, String> {
        match self.tracel(arguments)? {
            (Some(0), text) => Ok(text),
            (code, text) => Err(format!(
                "`tracel {}` exited with {code:?}: {text}",
                arguments.join(" ")
            )),
        }
    }
}
