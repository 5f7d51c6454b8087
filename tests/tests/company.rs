//! A log in company: forks, many threads, threads that end, signals, code of others within a record. Nothing deadlocks,
//! and every record whose call had returned arrives, without a gap in (instance, lane, seq).
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the threads that read pipes serve no request"
)]

use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tracel_tests::promise::{delivered, hold, promised};

/// No deadlock lasts longer.
const WATCHDOG: Duration = Duration::from_secs(120);

/// What a process that ended by itself wrote to standard output and to standard error.
struct Ended {
    said: String,
    out: String,
}

fn run(mut command: Command, what: &str) -> Ended {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TRACEL_")) {
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
    let out = read(Box::new(child.stdout.take().unwrap()));
    let said = read(Box::new(child.stderr.take().unwrap()));
    let until = Instant::now() + WATCHDOG;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() > until => {
                child.kill().unwrap();
                break None;
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    // A forked child that hangs has the pipes, too: they are not waited for then.
    let status = status.unwrap_or_else(|| panic!("{what}: it hangs"));
    let (out, said) = (out.join().unwrap().unwrap(), said.join().unwrap().unwrap());
    assert!(status.success(), "{what}: {status}: {said}");
    Ended { said, out }
}

fn company(folder: &Path, sink: &str, what: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_company"));
    command.arg(folder).arg(sink).arg(what);
    run(command, &format!("{what} ({sink})"))
}

/// Runs it with both kinds of journal, delivers what is left, and holds the log to what was promised.
fn holds(what: &str) -> Vec<Vec<Value>> {
    let kinds = ["file", "memory:file"].map(|kind| {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.ndjson");
        let ended = company(folder.path(), &format!("{kind}://{}", log.display()), what);
        recover(folder.path(), &log);
        let records = delivered(&log);
        let promised = promised(&ended.out);
        assert!(promised.len() >= 100, "{what}: only {}", promised.len());
        hold(&promised, &records, &format!("{what}, {kind}: {}", ended.said));
        records
    });
    kinds.into()
}

/// Starts the service again, which delivers what is left; nothing is left then.
fn recover(folder: &Path, log: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command
        .arg(folder)
        .arg(format!("file://{}", log.display()))
        .arg("recover");
    let said = run(command, "recover").said;
    let left: Vec<_> = fs::read_dir(folder.join("Payment")).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?} is left; {said}");
}

#[test]
fn a_forked_child_goes_on_in_a_journal_of_its_own() {
    for records in holds("forks") {
        // Those of the children's children, too.
        let ours: Vec<_> = records
            .iter()
            .filter(|record| record["message"] == "one of many")
            .collect();
        let instances: BTreeSet<_> = ours.iter().map(|record| record["instance"].to_string()).collect();
        assert!(instances.len() >= 1 + 24 + 8, "{}", instances.len());
        // What a process had delivered and could not note any more comes twice, and is the same record then.
        let place = |record: &Value| format!("{} {} {}", record["instance"], record["lane"], record["seq"]);
        let places: BTreeSet<_> = ours.iter().map(|record| place(record)).collect();
        let ids: BTreeSet<_> = ours.iter().map(|record| record["uuid"].to_string()).collect();
        assert_eq!(ids.len(), places.len(), "two records have one id");
    }
}

#[test]
fn a_forked_child_that_does_not_log_leaves_no_trace() {
    for records in holds("quiet forks") {
        let instances: BTreeSet<_> = records
            .iter()
            .filter(|record| record["message"] == "one of many")
            .map(|record| record["instance"].to_string())
            .collect();
        assert_eq!(instances.len(), 1);
    }
}

/// A sink that nobody can open again loses what a child logs, and people are told so.
#[test]
fn a_forked_child_without_a_sink_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ended = company(folder.path(), "kept:", "forks");
    assert!(ended.said.contains("cannot be opened again"), "{}", ended.said);
}

#[test]
fn short_lived_threads_lose_nothing() {
    holds("short threads");
}

#[test]
fn a_thousand_threads_at_once_lose_nothing() {
    holds("many threads");
}

#[test]
fn what_a_thread_logs_while_it_ends_is_there() {
    holds("last words");
}

#[test]
fn a_thread_that_hears_of_signals_logs() {
    holds("signal");
}
