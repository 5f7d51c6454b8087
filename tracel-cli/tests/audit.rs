//! `tracel audit` as people call it: files and a real ClickHouse give the same verdict, with batches sent twice.

use serde_json::{Value, json};
use std::{
    fs,
    process::{Command, Output},
};
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};
use tracel_dev::testing;

const STARTED: u64 = 1_795_347_600_000;

fn instance(number: u8) -> String {
    uuid::Builder::from_unix_timestamp_millis(STARTED, &[number; 10])
        .into_uuid()
        .to_string()
}

fn line(instance: &str, lane: u64, seq: u64, event_name: &str, metadata: &Value) -> String {
    // The same record has the same uuid, and no other.
    let base: uuid::Uuid = instance.parse().expect("an id");
    let own = u128::from(lane << 32 | seq << 8) + u128::from(!event_name.is_empty());
    let uuid = uuid::Uuid::from_u128(base.as_u128() ^ own << 8);
    let nil = event_name.starts_with("tracel_") || seq % 10 == 9;
    let record = json!({
        "timestamp": format!("2026-11-22T11:40:00.{seq:09}Z"),
        "level": "INFO",
        "event_id": if nil { uuid::Uuid::nil().to_string() } else { "0193cf1e-0000-7000-8000-000000000001".into() },
        "uuid": uuid.to_string(),
        "service_name": "Pay \"and\" go\n",
        "module_name": "Transaction",
        "message": "m",
        "metadata": metadata,
        "event_name": event_name,
        "source": format!("src/pay.rs:{lane}"),
        "instance": instance,
        "lane": lane,
        "seq": seq,
        "schema": "acme@3",
    });
    format!("{record}\n")
}

/// One instance that lost, announced and doubled, one that runs, and a service that does not count.
fn records() -> Vec<String> {
    let (first, second) = (instance(1), instance(2));
    let mut lines = Vec::new();
    for (lane, count) in [(0, 50), (1, 30), (7, 4)] {
        // 11 and 12 of each lane are announced; 20…24 of lane 0 and the last of lane 1 are gone.
        let is_gone =
            |seq| matches!(seq, 11 | 12) || lane == 0 && (20..25).contains(&seq) || lane == 1 && seq == 29;
        lines.extend(
            (0..count)
                .filter(|seq| !is_gone(*seq))
                .map(|seq| line(&first, lane, seq, "", &json!({ "user_id": seq }))),
        );
    }
    for lane in [0, 1] {
        let own = json!({ "tracel_lost": 2, "tracel_last_seq": 12, "tracel_reason": "dropped" });
        lines.push(line(&first, lane, 11, "tracel_lost", &own));
    }
    // Of several the last one holds.
    let before = json!({ "tracel_first_lane": 0, "tracel_next_seq": [10, 10] });
    lines.push(line(&first, 2, 0, "tracel_census", &before));
    let next = json!({ "tracel_first_lane": 0, "tracel_next_seq": [50, 30, 0, 0, 0, 0, 0, 4], "tracel_end": "clean" });
    lines.push(line(&first, 2, 1, "tracel_census", &next));
    lines.extend((0..5).map(|seq| line(&second, 0, seq, "", &json!({}))));
    for n in 1..4 {
        lines.push(format!(
            "{{\"timestamp\":\"2026-11-22T11:40:00Z\",\"event_id\":\"0193cf1e-0000-7000-8000-000000000001\",\
             \"uuid\":\"0193cf1e-0000-7000-8000-00000000000{n}\",\"service_name\":\"php\",\"message\":\"m\"}}\n"
        ));
    }
    lines
}

fn tracel(arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(arguments)
        .output()
        .expect("runs");
    let text = String::from_utf8(stdout).expect("text") + &String::from_utf8_lossy(&stderr);
    (status.code(), text)
}

fn audited(from: &str, settle: &str) -> (Option<i32>, Value) {
    let (code, text) = tracel(&["audit", "--json", "--settle", settle, "--from", from]);
    (
        code,
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
    )
}

#[track_caller]
fn is_right(audit: &Value) {
    assert_eq!(audit["lost"], 6, "{audit:#}");
    assert_eq!(audit["lost_and_announced"], 4, "{audit:#}");
    let [first, second] = audit["instances"].as_array().expect("a list").as_slice() else {
        panic!("two instances: {audit:#}");
    };
    assert_eq!(
        first["gaps"],
        json!([{ "lane": 0, "first": 20, "last": 24 }, { "lane": 1, "first": 29, "last": 29 }])
    );
    assert_eq!(
        (&first["end"], &first["service_name"]),
        (&json!("clean"), &json!("Pay \"and\" go\n"))
    );
    assert_eq!(second["end"], Value::Null);
    assert_eq!(second["tails"], json!([{ "lane": 0, "last": 4 }]));
    assert_eq!(second["lost"], 0);
}

#[test]
fn files_and_a_clickhouse_give_the_same_verdict() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let address = server.without("audited");
    let store = ClickHouse::new(&address).expect("an address");
    migrate(&store).expect("migrates");
    assert_eq!(
        audited(&address, "0s").1["records"],
        0,
        "an empty table is no error"
    );

    let lines = records();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("all.ndjson");
    // The second half came twice, and two lines of it a third time.
    let half = lines.len() / 2;
    let all = [&lines[..], &lines[half..], &lines[half..half + 2]].concat();
    fs::write(&file, all.concat()).expect("writes");
    for part in [&lines[..], &lines[half..], &lines[half..half + 2]] {
        let sql = format!("INSERT INTO logs FORMAT JSONEachRow {}", part.concat());
        store.query(&sql, &[("async_insert", "0")]).expect("inserts");
    }
    let (code, mut from_table) = audited(&address, "0s");
    assert_eq!(code, Some(1));
    is_right(&from_table);
    let (code, from_files) = audited(&folder.path().display().to_string(), "0s");
    assert_eq!(code, Some(1));
    is_right(&from_files);
    // A file does not know when a record came, and holds no quarantine.
    from_table["late"] = Value::Null;
    from_table["quarantine"] = Value::Null;
    assert_eq!(from_table, from_files);
    let counted = store.query(
        "SELECT uniqExact(uuid) FROM logs WHERE event_name != 'tracel_lost'",
        &[],
    );
    assert_eq!(
        from_files["records"].to_string(),
        counted.expect("an answer").trim()
    );

    // All came a moment ago: nothing is settled yet, but what an instance announced itself.
    let (code, young) = audited(&address, "1h");
    assert_eq!(
        (code, &young["lost"], &young["lost_and_announced"]),
        (Some(1), &json!(0), &json!(4))
    );

    let (code, text) = tracel(&["audit", "--settle", "0s", "--from", &address]);
    assert_eq!(code, Some(1));
    for part in [
        "lane 0: 20–24 lost\n",
        "lane 1: 29 lost\n",
        "lane 0: 11–12 dropped, announced\n",
        "has not ended: tail unknown after 4 (lane 0)\n",
        "\"php\" does not count its records: 3 records",
        "6 lost, 4 lost and announced",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    what_is_settled_is_lost(&store, &address);
}

/// Some of an instance's records came two hours ago, and some a moment ago: what is missing between these may be on its way.
fn what_is_settled_is_lost(store: &ClickHouse, address: &str) {
    let third = instance(3);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a time");
    let came = |seq: u64, hours: u64| {
        let text = line(&third, 0, seq, "", &json!({}));
        let mut record: Value = serde_json::from_str(&text).expect("JSON");
        record["arrived"] = json!((now.as_secs() - hours * 3600).to_string());
        format!("{record}\n")
    };
    let records = [0, 1, 2, 5].map(|seq| came(seq, 2)).concat() + &[6, 9].map(|seq| came(seq, 0)).concat();
    let insert = |table: &str, lines: &str| {
        let sql = format!("INSERT INTO {table} FORMAT JSONEachRow {lines}");
        store.query(&sql, &[("async_insert", "0")]).expect("inserts");
    };
    insert("logs", &records);
    let found = || {
        let (_, audit) = audited(address, "1h");
        let instances = audit["instances"].as_array().expect("a list").clone();
        let mut instances = instances.into_iter();
        instances
            .find(|found| found["instance"] == *third)
            .expect("the instance")
    };
    assert_eq!(found()["gaps"], json!([{ "lane": 0, "first": 3, "last": 4 }]));
    let kept = json!({
        "reason": "missing",
        "original": line(&third, 0, 4, "", &json!({})),
        "service_name": "Pay \"and\" go\n",
    });
    insert("quarantine", &kept.to_string());
    let found = found();
    assert_eq!(found["gaps"], json!([{ "lane": 0, "first": 3, "last": 3 }]));
    assert_eq!(found["quarantined"], 1);
}

#[test]
fn the_messages_of_lost_records_are_told() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let address = server.without("audit_skipped");
    let store = ClickHouse::new(&address).expect("an address");
    migrate(&store).expect("migrates");
    let insert = |table: &str, row: &Value| {
        let sql = format!("INSERT INTO {table} FORMAT JSONEachRow {row}");
        store.query(&sql, &[("async_insert", "0")]).expect("inserts");
    };
    // Twelve records, one a message, over two partitions; of the first the messages 1, 2 and 4 are not there, and 3 is held.
    for number in 0..12_u64 {
        let (partition, offset) = (number % 2, number / 2);
        if partition == 0 && [1, 2, 3, 4].contains(&offset) {
            continue;
        }
        let text = line(&instance(1), 0, number, "", &json!({}));
        let mut row: Value = serde_json::from_str(&text).expect("a record");
        row["topic"] = json!("logs");
        row["partition"] = json!(partition);
        row["offset"] = json!(offset);
        insert("logs", &row);
    }
    let held = json!({ "reason": "type", "original": "{}", "topic": "logs", "partition": 0, "offset": 3 });
    insert("quarantine", &held);
    let (code, audit) = audited(&address, "0s");
    assert_eq!((code, &audit["lost"]), (Some(1), &json!(4)), "{audit:#}");
    let skipped =
        |first: u64, last: u64| json!({ "topic": "logs", "partition": 0, "first": first, "last": last });
    assert_eq!(audit["skipped"], json!([skipped(1, 2), skipped(4, 4)]));
    let (_, text) = tracel(&["audit", "--settle", "0s", "--from", &address]);
    assert!(
        text.contains("--topic logs --partition 0 --offsets 1..2\n"),
        "{text}"
    );
}

#[test]
fn exit_codes_tell_loss_from_a_store_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.ndjson");
    let whole: String = (0..5)
        .map(|seq| line(&instance(1), 0, seq, "", &json!({})))
        .collect();
    fs::write(&file, &whole).expect("writes");
    let path = file.display().to_string();
    let (code, text) = tracel(&["audit", "--from", &path]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("5 records of 1 instance: 0 lost, 0 lost and announced, none doubled"),
        "{text}"
    );
    let torn = whole.replace("\"seq\":2", "\"sq\":2}{");
    fs::write(&file, torn).expect("writes");
    let (code, text) = tracel(&["audit", "--from", &path]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("lane 0: 2 lost") && text.contains("a.ndjson:3: no JSON"),
        "{text}"
    );
    fs::write(&file, "").expect("writes");
    let (code, text) = tracel(&["audit", "--from", &path]);
    assert!(code == Some(0) && text.contains("nothing was audited"), "{text}");
    let dead = folder.path().join("Pay/01a21367-a718-7978-9303-0e3d207f1e50");
    fs::create_dir_all(&dead).expect("makes");
    fs::write(dead.join("journal"), "torn").expect("writes");
    let (_, text) = tracel(&["audit", "--from", &folder.path().display().to_string()]);
    assert_eq!(
        text.contains("`tracel recover`"),
        cfg!(target_os = "linux"),
        "{text}"
    );
    for from in ["./nowhere", "clickhouse://127.0.0.1:1", "kafka://x/y"] {
        let (code, text) = tracel(&["audit", "--from", from]);
        assert_eq!(code, Some(2), "{text}");
    }
    let (code, text) = tracel(&["audit", "--from", &path, "--since", "soon"]);
    assert!(code == Some(2) && text.contains("7d"), "{text}");
}
