//! How a service's log starts, ends and fails, in processes of their own.
#![allow(missing_docs)]

use serde_json::Value;
use std::process::{Command, Output};
use tracel_tests::{is_census, strict};

#[test]
fn a_clean_end_is_told_by_a_census() {
    // A panic that unwinds through `main` drops its guard, too.
    for part in ["", "exit", "bare", "panic"] {
        let output = command(part).output().expect("the service runs");
        let lines: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(strict)
            .collect();
        let census: Vec<_> = lines.iter().filter(|line| is_census(line)).collect();
        let last = census.last().unwrap_or_else(|| panic!("{part}: {lines:?}"));
        assert_eq!(last["metadata"]["tracel_end"], "clean");
        assert_eq!(last["level"], "INFO");
        assert_eq!(last["event_id"], "00000000-0000-0000-0000-000000000000");
        let next = last["metadata"]["tracel_next_seq"].as_array().unwrap();
        let logged = lines.len() - census.len();
        let counted: u64 = next.iter().map(|next| next.as_u64().unwrap()).sum();
        assert_eq!(counted, logged as u64, "{part}: {last}");
        assert_eq!(last["metadata"]["tracel_written"], logged);
        let orphans = &last["metadata"]["tracel_orphaned"];
        assert_eq!(*orphans, logged, "the census is none");
    }
}

/// What a service put out, and its records without the census.
fn service(part: &str, environment: &[(&str, &str)]) -> (Output, Vec<Value>) {
    let output = command(part)
        .envs(environment.iter().copied())
        .output()
        .expect("the service runs");
    let records = String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(strict)
        .filter(|record| !is_census(record))
        .collect();
    (output, records)
}

fn command(part: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_service"));
    command
        .arg(part)
        .env_remove("TRACEL_SINK")
        .env_remove("TRACEL_LOG")
        .env_remove("TRACEL_SERVICE");
    command
}

fn messages(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["message"].as_str().unwrap())
        .collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_pending_at_the_end_of_main_is_written() {
    for part in ["", "exit"] {
        let (output, records) = service(part, &[]);
        assert!(output.status.success());
        assert_eq!(
            messages(&records),
            ["started", "by log: 7"],
            "{}",
            stderr(&output)
        );
        assert_eq!(records[1]["target"], "a_library");
        assert!(
            records[1]["source"].as_str().unwrap().contains("service.rs:"),
            "{}",
            records[1]
        );
        assert_eq!(records[1].get("extra"), None);
        let seqs: Vec<_> = records
            .iter()
            .map(|record| record["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(seqs, [0, 1]);
    }
}

#[test]
fn what_a_sink_says_does_not_feed_it() {
    let (output, records) = service("chatty", &[]);
    assert!(output.status.success());
    assert_eq!(
        messages(&records),
        ["started", "by log: 7"],
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_bare_layer_writes_what_is_pending_at_the_end_of_main() {
    let (output, records) = service("bare", &[]);
    assert_eq!(messages(&records), ["bare"], "{}", stderr(&output));
}

#[test]
fn the_bare_layer_tells_what_is_wrong_with_the_environment_and_logs() {
    let (output, records) = service("bare", &[("TRACEL_SINK", "carrier-pigeon://x")]);
    assert!(stderr(&output).contains("carrier-pigeon"), "{}", stderr(&output));
    assert_eq!(messages(&records), ["bare"]);
}

#[test]
fn what_is_pending_at_a_panic_is_written() {
    let (output, records) = service("panic", &[]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("as it may happen"),
        "the hook before is kept"
    );
    assert_eq!(messages(&records), ["started", "by log: 7"]);
}

#[test]
fn a_variable_that_is_misspelled_is_told() {
    let (output, records) = service("", &[("TRACEL_SINKS", "null:")]);
    assert_eq!(messages(&records), ["started", "by log: 7"]);
    assert_eq!(
        stderr(&output),
        "tracel: TRACEL_SINKS is a variable that nobody reads; did you mean TRACEL_SINK?\n"
    );
}

#[test]
fn what_is_logged_after_the_end_is_told() {
    let (output, records) = service("late", &[]);
    assert_eq!(messages(&records), ["started", "by log: 7"]);
    let said = stderr(&output);
    assert!(
        said.contains("2 records were logged after the log's guard was dropped"),
        "{said}"
    );
    let (output, _) = service("", &[]);
    assert_eq!(stderr(&output), "", "nothing was");
}

#[test]
fn levels_come_from_the_environment() {
    let (output, records) = service("", &[("TRACEL_LOG", "warn,service=debug,a_library=loud")]);
    assert_eq!(
        messages(&records),
        ["debug before", "started", "by log: 7", "by log, in detail"]
    );
    assert!(
        stderr(&output).contains("`a_library=loud` is no directive"),
        "{}",
        stderr(&output)
    );
    let (_, records) = service("", &[("TRACEL_LOG", "off")]);
    assert_eq!(messages(&records), [""; 0]);
}

#[test]
fn the_guard_changes_levels_while_the_service_runs() {
    let (output, records) = service("levels", &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = messages(&records);
    assert_eq!(
        said,
        ["started", "by log: 7", "debug after", "trace after", "wrong"]
    );
    assert!(
        records[4]["metadata"]["reason"]
            .as_str()
            .unwrap()
            .contains("`=loud`")
    );
}

#[test]
fn the_environment_names_the_service_and_the_sinks() {
    let folder = std::env::temp_dir().join(format!("tracel-process-{}", std::process::id()));
    let file = folder.join("log.ndjson");
    let sinks = format!("stdout: file://{}", file.display());
    let (output, records) = service("", &[("TRACEL_SERVICE", "Other"), ("TRACEL_SINK", &sinks)]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["service_name"], "Other");
    let written: Vec<Value> = std::fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(strict)
        .filter(|record| !is_census(record))
        .collect();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(written, records);
}

#[test]
fn what_is_wrong_with_the_environment_is_an_error_that_names_the_way_out() {
    for (variable, value, say) in [
        ("TRACEL_SINK", "carrier-pigeon://x", "carrier-pigeon"),
        ("TRACEL_ON_FULL", "panic", "drop_newest"),
    ] {
        let (output, records) = service("", &[(variable, value)]);
        assert!(!output.status.success());
        assert_eq!(records.len(), 0);
        assert!(
            stderr(&output).contains(say),
            "{variable}={value}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    }
}

/// A sink over the network must have a folder where records survive the process, or be told that they need not.
#[test]
fn a_sink_over_the_network_wants_a_durable_folder() {
    let remote = "clickhouse://127.0.0.1:1/default";
    let said = |folder: &[(&str, &str)]| {
        let mut command = command("");
        command
            .env_remove("HOME")
            .env_remove("XDG_STATE_HOME")
            .env_remove("TRACEL_DIR");
        let output = command
            .env("TRACEL_SINK", remote)
            .envs(folder.iter().copied())
            .output()
            .unwrap();
        assert!(!output.status.success());
        stderr(&output)
    };
    for folder in [&[][..], &[("TRACEL_DIR", "/dev/null/x")]] {
        let said = said(folder);
        assert!(
            said.contains("TRACEL_DIR") || said.contains("XDG_STATE_HOME"),
            "{said}"
        );
        assert!(
            said.contains(".volatile()") && !said.contains("panicked"),
            "{said}"
        );
    }
}

#[test]
fn a_second_start_says_so() {
    let (_, records) = service("twice", &[]);
    let last = records.last().unwrap();
    assert_eq!(last["message"], "twice");
    assert!(
        last["metadata"]["error"]
            .as_str()
            .unwrap()
            .contains("subscriber already"),
        "{last}"
    );
}
