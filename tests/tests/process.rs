//! How a service's log starts, ends and fails, in processes of their own.
#![allow(missing_docs)]

use serde_json::Value;
use std::process::{Command, Output};
use tracel_tests::strict;

fn service(part: &str, environment: &[(&str, &str)]) -> (Output, Vec<Value>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_service"));
    command
        .arg(part)
        .env_remove("TRACEL_SINK")
        .env_remove("TRACEL_LOG")
        .env_remove("TRACEL_SERVICE");
    let output = command
        .envs(environment.iter().copied())
        .output()
        .expect("the service runs");
    let records = String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(strict)
        .collect();
    (output, records)
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
        .collect();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(written, records);
}

#[test]
fn what_is_wrong_with_the_environment_is_an_error_that_names_the_way_out() {
    for (variable, value, say) in [
        ("TRACEL_SINK", "carrier-pigeon://x", "carrier-pigeon"),
        ("TRACEL_SINK", "clickhouse://127.0.0.1:1/default", ".volatile()"),
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
