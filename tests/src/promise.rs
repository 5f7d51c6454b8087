//! Services that are run to their end: what such a one promised that its log will hold, by writing it down once the call
//! had returned, and whether the log does.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Read,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// No deadlock lasts longer.
const WATCHDOG: Duration = Duration::from_secs(120);

/// A process that ended by itself.
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard error.
    pub said: String,
    /// Standard output.
    pub out: String,
}

impl Ended {
    /// The same, when it ended well.
    ///
    /// # Panics
    /// When it did not.
    pub fn well(self) -> Self {
        assert!(self.status.success(), "{}: {}", self.status, self.said);
        self
    }
}

/// Runs a service to its end, without settings from the environment.
///
/// # Panics
/// When it does not run, or hangs.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "the threads that read pipes serve no request"
)]
pub fn run(mut command: Command, what: &str) -> Ended {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TRACEL_")) {
        command.env_remove(name);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let read = |mut pipe: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).map(|_| text)
        })
    };
    let out = read(Box::new(child.stdout.take().expect("a child of ours")));
    let said = read(Box::new(child.stderr.take().expect("a child of ours")));
    let until = Instant::now() + WATCHDOG;
    let status = loop {
        match child.try_wait().expect("a child of ours") {
            Some(status) => break Some(status),
            None if Instant::now() > until => {
                child.kill().expect("a child of ours");
                break None;
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    // A forked child that hangs has the pipes, too: they are not waited for then.
    let status = status.unwrap_or_else(|| panic!("{what}: it hangs"));
    let (out, said) = (
        out.join().expect("a child of ours").expect("a child of ours"),
        said.join().expect("a child of ours").expect("a child of ours"),
    );
    Ended { status, said, out }
}

/// Thread and number of each record that the process wrote down. A line that was torn by its end was not promised.
///
/// # Panics
/// When a line is none of these.
#[must_use]
pub fn promised(text: &str) -> BTreeSet<(u64, u64)> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let pair = |line: &str| {
        let (thread, n) = line.split_once(' ')?;
        Some((thread.parse().ok()?, n.parse().ok()?))
    };
    whole
        .lines()
        .map(|line| pair(line).expect("a thread and a number"))
        .collect()
}

/// Everything in a log of NDJSON. A process that is killed while it writes may leave one line that is torn: the next one
/// begins a new line, and brings that record again.
///
/// # Panics
/// When more lines are torn than processes wrote.
#[must_use]
pub fn delivered(log: &Path) -> Vec<Value> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(serde_json::from_str).collect();
    let torn = lines.iter().filter(|line| line.is_err()).count();
    let records: Vec<Value> = lines.into_iter().flatten().collect();
    let lives: BTreeSet<_> = records
        .iter()
        .map(|record| record["instance"].to_string())
        .collect();
    assert!(torn <= lives.len(), "{torn} lines are torn");
    records
}

/// Holds what arrived to what was promised, and each lane to having no gap that nobody announces.
///
/// # Panics
/// When something is lost.
pub fn hold(promised: &BTreeSet<(u64, u64)>, records: &[Value], what: &str) {
    let number = |record: &Value, name: &str| record["metadata"][name].as_u64();
    let numbers: BTreeSet<_> = records
        .iter()
        .filter(|record| record["message"] == "one of many")
        .filter_map(|record| number(record, "attempt").zip(number(record, "amount")))
        .collect();
    let lost: Vec<_> = promised.difference(&numbers).take(10).collect();
    assert!(lost.is_empty(), "{what}: lost {lost:?} of {}", promised.len());

    let mut lanes: BTreeMap<(String, u64), BTreeSet<u64>> = BTreeMap::new();
    for record in records {
        let (Some(lane), Some(seq)) = (record["lane"].as_u64(), record["seq"].as_u64()) else {
            panic!("{what}: no lane or no seq in {record}");
        };
        let last = number(record, "tracel_last_seq").unwrap_or(seq);
        let lane = (record["instance"].to_string(), lane);
        lanes.entry(lane).or_default().extend(seq..=last);
    }
    for (lane, seqs) in lanes {
        let next = seqs.last().map_or(0, |last| last + 1);
        assert_eq!(next, seqs.len() as u64, "{what}: a gap in {lane:?}");
    }
}
