//! `tracel quarantine` as people call it: what is held is told, shown byte by byte, and sent again.

use serde_json::{Value, json};
use std::process::{Command, Output};
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};
use tracel_dev::testing;

const INSTANCE: &str = "0193cf1e-0000-7000-8000-00000000000a";

fn tracel(arguments: &[&str]) -> (Option<i32>, Vec<u8>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(arguments)
        .output()
        .expect("runs");
    (
        status.code(),
        stdout,
        String::from_utf8_lossy(&stderr).into_owned(),
    )
}

fn record(seq: u64) -> Value {
    json!({
        "timestamp": "2026-11-22T11:40:00Z",
        "event_id": "0193cf1e-0000-7000-8000-000000000001",
        "uuid": format!("0193cf1e-0000-7000-8000-{seq:012}"),
        "service_name": "Payment",
        "message": "m",
        "metadata": { "user_id": seq },
        "instance": INSTANCE,
        "lane": 0,
        "seq": seq,
    })
}

/// An empty database with the tables.
fn store(server: &testing::ClickHouse, name: &str) -> (ClickHouse, String) {
    let address = server.without(name);
    let store = ClickHouse::new(&address).expect("an address");
    migrate(&store).expect("migrates");
    (store, address)
}

fn insert(store: &ClickHouse, table: &str, rows: &[Value]) {
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let sql = format!("INSERT INTO {table} FORMAT JSONEachRow {rows}");
    store.query(&sql, &[("async_insert", "0")]).expect("inserts");
}

#[test]
fn what_is_held_is_told_shown_and_sent_again() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "held");
    insert(&store, "logs", &[record(0), record(2), record(5)]);
    let held = |seq: u64, offset: u64| {
        json!({ "reason": "type", "detail": "`user_id` is no u64", "service_name": "Payment", "topic": "logs",
                "partition": 1, "offset": offset, "original": record(seq).to_string() })
    };
    // One came twice, from the same place.
    let noise =
        json!({ "reason": "json", "original": "AP8K", "encoding": "base64", "topic": "logs", "offset": 9 });
    insert(&store, "quarantine", &[held(1, 1), held(3, 2), held(1, 1), noise]);

    let audit = || {
        let (code, out, errors) = tracel(&["audit", "--json", "--settle", "0s", "--from", &address]);
        (code, serde_json::from_slice::<Value>(&out).expect(&errors))
    };
    let (code, before) = audit();
    assert_eq!(
        (code, &before["lost"]),
        (Some(1), &json!(1)),
        "4 is nowhere: {before:#}"
    );
    assert_eq!(before["instances"][0]["quarantined"], 2);
    assert_eq!(
        before["quarantine"],
        json!([{ "reason": "type", "count": 2 }, { "reason": "json", "count": 1 }])
    );

    let (code, out, _) = tracel(&["quarantine", "list", "--from", &address]);
    let text = String::from_utf8(out).expect("text");
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("2 type  ")
            && lines[0].contains("  Payment  e.g. ")
            && lines[0].ends_with(": `user_id` is no u64")
            && lines[1].starts_with("1 json  "),
        "{text}"
    );
    let id = |line: &str| {
        let rest = line.split("e.g. ").nth(1).expect("an id");
        rest[..36].to_owned()
    };
    let (code, out, errors) = tracel(&["quarantine", "show", &id(lines[1]), "--from", &address]);
    assert_eq!(
        (code, out.as_slice()),
        (Some(0), &b"\x00\xff\n\n"[..]),
        "{errors}"
    );
    assert!(errors.contains("\"offset\":9"), "{errors}");
    let nil = uuid::Uuid::nil().to_string();
    assert_eq!(
        tracel(&["quarantine", "show", &nil, "--from", &address]).0,
        Some(1)
    );

    // A sink that takes all of it: the table itself.
    let replay = |arguments: &[&str]| {
        let all = [
            &["quarantine", "replay", "--from", &address, "--to", &address],
            arguments,
        ]
        .concat();
        let (code, out, errors) = tracel(&all);
        (code, String::from_utf8(out).expect("text") + &errors)
    };
    assert_eq!(replay(&["--reason", "type"]), (Some(0), "2 sent again\n".into()));
    assert_eq!(
        replay(&["--reason", "type"]),
        (Some(0), "0 sent again\n".into()),
        "once"
    );
    let kept = store.query("SELECT count(), uniqExact(seq) FROM logs", &[]);
    assert_eq!(kept.expect("an answer"), "5\t5\n");
    let (_, after) = audit();
    assert_eq!(
        (&after["lost"], &after["instances"][0]["quarantined"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(after["quarantine"], json!([{ "reason": "json", "count": 1 }]));
    // By its id it is sent again whenever that is wanted.
    assert_eq!(replay(&[&id(lines[0])]), (Some(0), "1 sent again\n".into()));

    // What comes back is open again.
    insert(&store, "quarantine", &[held(3, 2)]);
    let (_, out, _) = tracel(&["quarantine", "list", "--from", &address]);
    assert!(String::from_utf8(out).expect("text").starts_with("1 json  "));
    let (_, out, _) = tracel(&["quarantine", "list", "--from", &address]);
    assert_eq!(String::from_utf8(out).expect("text").lines().count(), 2);
}

#[test]
fn what_no_sink_takes_stays_open() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "kept_open");
    insert(
        &store,
        "quarantine",
        &[json!({ "reason": "json", "original": "no record" })],
    );
    let (code, _, errors) = tracel(&["quarantine", "replay", "--from", &address, "--to", &address]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("did not take it"), "{errors}");
    let (_, out, _) = tracel(&["quarantine", "list", "--from", &address]);
    assert!(String::from_utf8(out).expect("text").starts_with("1 json  "));
    let (code, _, errors) = tracel(&["quarantine", "list", "--from", &format!("{address}_nowhere")]);
    assert!(code == Some(2) && errors.contains("tracel migrate"), "{errors}");
}
