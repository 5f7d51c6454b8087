//! A log in company: forks, many threads, threads that end, signals, code of others within a record. Nothing deadlocks,
//! and every record whose call had returned arrives, without a gap in (instance, lane, seq).
#![allow(missing_docs)]

use serde_json::Value;
use std::{collections::BTreeSet, fs, os::unix::process::ExitStatusExt, path::Path, process::Command};
use tracel_tests::promise::{Ended, delivered, hold, promised, run};

fn company(folder: &Path, sink: &str, what: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_company"));
    command.arg(folder).arg(sink).arg(what);
    run(command, what)
}

/// Runs it with both kinds of journal, delivers what is left, and holds the log to what was promised.
fn holds(what: &str) -> Vec<Vec<Value>> {
    let kinds = ["file", "memory:file"].map(|kind| {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.ndjson");
        let ended = company(folder.path(), &format!("{kind}://{}", log.display()), what).well();
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
    let said = run(command, "recover").well().said;
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

/// A sink that nobody can open again has nothing of what a child logs, and people are told so.
#[test]
fn a_forked_child_without_a_sink_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ended = company(folder.path(), "kept:", "forks").well();
    assert!(ended.said.contains("cannot be opened again"), "{}", ended.said);
    assert!(ended.said.contains("are lost"), "{}", ended.said);
}

/// In a folder it is there for the next start, however the child ends.
#[test]
fn what_a_forked_child_without_a_sink_logs_is_kept_for_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let ended = company(folder.path(), "held:", "forks").well();
    assert!(ended.said.contains("are kept"), "{}", ended.said);
    recover(folder.path(), &log);
    let mut promised = promised(&ended.out);
    promised.retain(|(thread, _)| *thread >= 1000);
    assert!(promised.len() > 24 * 300, "{}", promised.len());
    hold(&promised, &delivered(&log), &ended.said);
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

#[test]
fn a_value_that_logs_while_it_is_encoded_loses_nothing() {
    holds("within");
}

#[test]
fn a_log_that_ends_begins_again() {
    for records in holds("again") {
        let instances: BTreeSet<_> = records
            .iter()
            .map(|record| record["instance"].to_string())
            .collect();
        assert_eq!(instances.len(), 3);
    }
}

#[test]
fn sigterm_flushes_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let ended = company(folder.path(), &format!("slow:{}", log.display()), "terminated");
    assert_eq!(
        ended.status.signal(),
        Some(15),
        "{}: {}",
        ended.status,
        ended.said
    );
    let promised = promised(&ended.out);
    assert_eq!(promised.len(), 1000);
    hold(&promised, &delivered(&log), "terminated");
}

#[test]
fn sigterm_that_is_handled_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ended = company(folder.path(), "kept:", "handled").well();
    assert!(ended.said.contains("SIGTERM is handled"), "{}", ended.said);
}
