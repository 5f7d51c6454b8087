//! The demo as people run it, with a small load.

use rdkafka::mocking::MockCluster;
use serde_json::Value;
use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tracel_cli::{clickhouse::ClickHouse, replay::source::Source};
use tracel_dev::testing;

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command
        .args(["--requests", "40", "--rate", "200"])
        .args(arguments);
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The number that follows `name` in the demo's account.
#[track_caller]
fn number(text: &str, name: &str) -> u64 {
    let rest = text.lines().find_map(|line| line.trim_start().strip_prefix(name));
    let word = rest.and_then(|rest| rest.split_whitespace().next());
    word.and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no {name} in:\n{text}"))
}

/// What every run shows, whatever its store.
#[track_caller]
fn check(output: &Output) -> String {
    let text = text(output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("  answers   40 payments: "), "{text}");
    assert!(
        text.contains("    SELECT * FROM logs WHERE event_id = '"),
        "{text}"
    );
    for part in [
        " Gateway pay [Checkout]",
        " Payment capture [Capture]",
        " Payment charge [Bank]",
        " Ledger book [Booking]",
        " Ledger post [Balances]",
        " Receipts take_up [Receipts]",
        " Receipts send_receipt [Mail]",
        "receipt taken from the queue",
        "ERROR receipt not sent",
        "card=***",
        "error=\"the mail server refused the receipt: 550 mailbox unavailable\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // One tree: the first span is the last one at the top, too.
    let top = text
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("request "))
        .nth(1)
        .unwrap_or_default();
    assert!(top.contains("+0ns  └ Gateway request [tracel::http]"), "{text}");
    assert!(number(&text, "logged") >= 40, "{text}");
    assert_eq!(number(&text, "logged"), number(&text, "stored"), "{text}");
    assert_eq!(number(&text, "lost"), 0, "{text}");
    text
}

#[test]
fn over_files() {
    let output = demo(&["--store", "files"]).output().expect("runs");
    let text = check(&output);
    let folder = PathBuf::from(word_after(&text, "NDJSON files in "));
    assert!(folder.starts_with(std::env::temp_dir()), "{text}");
    assert!(!folder.exists(), "the temporary folder is left behind: {text}");
}

#[test]
fn over_the_embedded_clickhouse() {
    if let Err(missing) = tracel_dev::library::find_or_fetch() {
        return testing::skip(&missing.to_string());
    }
    let output = demo(&["--store", "clickhouse"]).output().expect("runs");
    assert!(check(&output).contains("embedded ClickHouse"));
}

#[test]
fn into_a_folder_of_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs");
    let output = demo(&["--sink", &format!("file://{}", path.display())])
        .output()
        .expect("runs");
    let text = check(&output);
    let event_id = word_after(&text, "WHERE event_id = '")
        .trim_end_matches('\'')
        .parse()
        .expect("a UUID");
    let source = Source::new(&path.display().to_string()).expect("the files stay");
    let mut damaged = 0;
    let records = source.records(event_id, &mut |_| damaged += 1).expect("records");
    assert_eq!((records.len(), damaged), (15, 0), "{text}");
    // The pool, and the second runtime.
    for (file, message, thread) in [
        ("ledger", "entry booked", "books-"),
        ("receipts", "receipt not sent", "mail"),
    ] {
        let lines = fs::read_to_string(path.join(file).with_extension("ndjson")).expect("its file");
        let records: Vec<&str> = lines.lines().filter(|line| line.contains(message)).collect();
        assert!(!records.is_empty(), "{message}: {lines}");
        for record in records {
            assert!(record.contains(&format!("\"thread\":\"{thread}")), "{record}");
        }
    }
    let shop = fs::read_to_string(path.join("gateway.ndjson")).expect("the gateway's file");
    assert!(
        shop.lines()
            .all(|line| line.contains("\"schema\":\"shop@1\"") || line.contains("\"log_type\":\"system\""))
    );
    assert!(!shop.contains("4242424242424242"), "a card's number was logged");
}

#[test]
fn a_lost_record_fails_it() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = ClickHouse::new(&server.without("lossy")).expect("an address");
    let default = store.with_database("default");
    default.query("CREATE DATABASE lossy", &[]).expect("a database");
    // A table that takes every row, and keeps every other one.
    let sql = include_str!("../../deploy/clickhouse/0001_logs.sql")
        .replace("ENGINE = MergeTree", "ENGINE = ReplacingMergeTree")
        .replace(
            "ORDER BY (service_name, timestamp)",
            "ORDER BY (instance, lane, intDiv(seq, 2))",
        )
        .replace(
            "PROJECTION by_event_id INDEX event_id TYPE basic",
            "INDEX by_level level TYPE set(0)",
        );
    store
        .query(sql.trim_end().trim_end_matches(';'), &[])
        .expect("a table");
    let address = format!("{}/lossy", server.url().replace("http://", "clickhouse://"));
    let output = demo(&["--sink", &address]).output().expect("runs");
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let lost = number(&text, "lost");
    assert!(
        lost > 0 && number(&text, "logged") == number(&text, "stored") + lost,
        "{text}"
    );
}

#[test]
fn over_brokers_of_ones_own() {
    let cluster = MockCluster::new(1).expect("a broker");
    let brokers = cluster.bootstrap_servers();
    let output = demo(&["--store", "files", "--kafka", &brokers])
        .output()
        .expect("runs");
    assert!(check(&output).contains(&format!("brokers at {brokers}")));
    let output = demo(&["--store", "files", "--kafka", "127.0.0.1:1"])
        .output()
        .expect("runs");
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("127.0.0.1:1"), "{text}");
}

/// The journals of killed services are beside their files; the next run delivers what they hold.
#[test]
fn an_interrupted_run_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs");
    let sink = format!("file://{}", path.display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--requests", "100000", "--rate", "200", "--sink", &sink])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let gateway = path.join("gateway.ndjson");
    for _ in 0..600 {
        if fs::metadata(&gateway).is_ok_and(|file| file.len() > 100_000) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    child.wait().expect("ends");
    let text = text(&demo(&["--sink", &sink]).output().expect("runs"));
    assert_eq!(number(&text, "lost"), 0, "{text}");
    for file in ["gateway", "payment", "ledger", "receipts"] {
        let lines = fs::read_to_string(path.join(file).with_extension("ndjson")).expect("its file");
        let records: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        // The census that the next run closed the killed one with says how many records each lane held.
        let closing = records
            .iter()
            .find(|record| record["metadata"]["tracel_end"] == "recovered")
            .unwrap_or_else(|| panic!("{file}: no killed instance was recovered: {text}"));
        let lanes = closing["metadata"]["tracel_next_seq"].as_array().expect("lanes");
        let held: u64 = lanes.iter().map(|next| next.as_u64().expect("a number")).sum();
        let there: HashSet<(u64, u64)> = records
            .iter()
            .filter(|record| record["instance"] == closing["instance"] && record["lane"] != closing["lane"])
            .map(|record| {
                (
                    record["lane"].as_u64().expect("a lane"),
                    record["seq"].as_u64().expect("a seq"),
                )
            })
            .collect();
        assert_eq!(there.len() as u64, held, "{file}: {closing}");
    }
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
        command.args(["--requests", "100000", "--rate", "20", "--store", "files"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut folder = PathBuf::new();
        let mut processes = Vec::new();
        while processes.len() < 4 {
            let line = lines.next().expect("more to come").expect("text");
            if line.contains("NDJSON files in ") {
                folder = word_after(&line, "NDJSON files in ").into();
            } else if line.contains(" · process ") {
                processes.push(word_after(&line, " · process ").to_string());
            }
        }
        assert!(folder.exists() && processes.iter().all(|id| is_running(id)));
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{signal}"), &id])
                .status()
                .expect("kill")
                .success()
        );
        let status = child.wait().expect("ends");
        let mut errors = String::new();
        child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut errors)
            .expect("text");
        assert_eq!(
            status.code(),
            Some(if signal == "INT" { 130 } else { 143 }),
            "{errors}"
        );
        assert!(errors.contains("interrupted"), "{errors}");
        assert!(!folder.exists(), "{} is left behind", folder.display());
        // They were killed; the system may take a moment to bury them.
        for _ in 0..100 {
            if !processes.iter().any(|id| is_running(id)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(
            !processes.iter().any(|id| is_running(id)),
            "services are left behind"
        );
    }
}

#[test]
fn what_cannot_be_read_back_is_refused() {
    let output = demo(&["--sink", "stdout:"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("clickhouse://HOST or file:///FOLDER"),
        "{}",
        text(&output)
    );
    let output = demo(&["--store", "clickhouse"])
        .env("TRACEL_LIBCHDB", "/no/such/file")
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("/no/such/file"), "{}", text(&output));
    let output = demo(&["--store", "auto"])
        .env("TRACEL_LIBCHDB", "/no/such/file")
        .output()
        .expect("runs");
    assert!(
        check(&output).contains("NDJSON files in "),
        "it says which store it took"
    );
}

fn is_running(id: &str) -> bool {
    // A zombie has no command line.
    fs::read(Path::new("/proc").join(id).join("cmdline")).is_ok_and(|line| !line.is_empty())
}

/// The word right after `start`.
#[track_caller]
fn word_after<'t>(text: &'t str, start: &str) -> &'t str {
    let rest = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start} in:\n{text}"))
        .1;
    rest.split([' ', ',', '\n']).next().unwrap_or_default()
}
