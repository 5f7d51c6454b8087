//! The migrations against a real ClickHouse.
#![allow(clippy::disallowed_methods, reason = "no request is here to be lost")]

use std::process::Command;
use tracel_cli::{
    clickhouse::ClickHouse,
    migrate::{Failure, migrate},
};
use tracel_dev::testing;

/// An empty database for one test.
fn database(server: &testing::ClickHouse, name: &str) -> ClickHouse {
    ClickHouse::new(&server.without(name)).expect("an address")
}

const ALL: [&str; 3] = ["0001_logs", "0002_quarantine", "0003_otel_logs"];

fn ask(store: &ClickHouse, sql: &str) -> String {
    store.query(sql, &[]).expect("an answer")
}

const ROW: &str = r#"{"timestamp":"2026-11-22T11:40:00.123456789Z","level":"INFO","event_id":"0193cf1e-0000-7000-8000-000000000001","uuid":"0193cf1e-0000-7000-8000-000000000002","service_name":"Payment","module_name":"Transaction","message":"m","metadata":{"user_id":18446744073709551615},"log_type":"user","thread":"t","source":"s:1","instance":"i","lane":2,"seq":3,"schema":"acme@3"}"#;

#[test]
fn the_table_has_the_articles_columns_first_and_every_key_of_a_record() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "columns");
    let report = migrate(&store).expect("migrates");
    assert_eq!((report.applied.as_slice(), report.before), (&ALL[..], 0));
    let columns = ask(
        &store,
        "SELECT name FROM system.columns WHERE database = 'columns' AND table = 'logs' ORDER BY position",
    );
    let columns: Vec<&str> = columns.lines().collect();
    assert_eq!(
        columns[..8],
        [
            "timestamp",
            "level",
            "event_id",
            "uuid",
            "service_name",
            "module_name",
            "message",
            "metadata"
        ]
    );
    let strict = [("input_format_skip_unknown_fields", "0"), ("async_insert", "0")];
    store
        .query(&format!("INSERT INTO logs FORMAT JSONEachRow {ROW}"), &strict)
        .expect("takes a record");
    let kept =
        "SELECT timestamp, metadata.user_id::String, abs(dateDiff('second', arrived, now())) < 60 FROM logs";
    assert_eq!(
        ask(&store, kept),
        "2026-11-22 11:40:00.123456789\t18446744073709551615\t1\n"
    );
}

#[test]
fn migrating_again_changes_nothing() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "again");
    migrate(&store).expect("migrates");
    ask(&store, &format!("INSERT INTO logs FORMAT JSONEachRow {ROW}"));
    let report = migrate(&store).expect("migrates again");
    assert_eq!((report.applied.len(), report.before), (0, 3));
    assert_eq!(ask(&store, "SELECT count() FROM logs"), "1\n");
    // One that was cut short before it was recorded is run again.
    ask(&store, "TRUNCATE TABLE tracel_migrations");
    assert_eq!(migrate(&store).expect("migrates").applied, ALL);
    assert_eq!(ask(&store, "SELECT count() FROM logs"), "1\n");
}

#[test]
fn several_at_once_agree() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "crowd");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| migrate(&store).expect("migrates"));
        }
        // And from other processes.
        let mut processes: Vec<_> = (0..4).map(|_| command(&server, "crowd")).collect();
        let started: Vec<_> = processes
            .iter_mut()
            .map(|one| one.spawn().expect("starts"))
            .collect();
        for mut process in started {
            assert!(process.wait().expect("ends").success());
        }
    });
    assert_eq!(migrate(&store).expect("migrates").before, 3);
    let kept = ask(
        &store,
        "SELECT count() FROM system.tables WHERE database = 'crowd'",
    );
    assert_eq!(kept, "6\n", "three tables, two views and the book");
}

#[test]
fn what_another_version_made_is_left_alone() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "others");
    migrate(&store).expect("migrates");
    ask(
        &store,
        "INSERT INTO tracel_migrations (number, name, hash) VALUES (9999, '9999_future', 1)",
    );
    let failure = migrate(&store).expect_err("is ahead");
    assert!(
        matches!(&failure, Failure::Ahead(names) if names == "9999_future"),
        "{failure}"
    );

    let store = database(&server, "others");
    migrate(&store).expect("migrates");
    ask(&store, "TRUNCATE TABLE tracel_migrations");
    ask(
        &store,
        "INSERT INTO tracel_migrations (number, name, hash) VALUES (1, '0001_logs', 1)",
    );
    let failure = migrate(&store).expect_err("is changed");
    assert!(matches!(failure, Failure::Changed("0001_logs")), "{failure}");
}

#[test]
fn a_batch_that_is_sent_again_is_stored_once() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "retried");
    migrate(&store).expect("migrates");
    for _ in 0..3 {
        let token = [("insert_deduplication_token", "batch-1"), ("async_insert", "0")];
        store
            .query(&format!("INSERT INTO logs FORMAT JSONEachRow {ROW}"), &token)
            .expect("inserts");
    }
    assert_eq!(ask(&store, "SELECT count() FROM logs"), "1\n");
}

#[test]
fn opentelemetrys_tools_find_its_exporters_columns() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "otel");
    migrate(&store).expect("migrates");
    let extra = ROW.replace("\"log_type\"", "\"extra\":{\"peer\":\"a\"},\"log_type\"");
    ask(&store, &format!("INSERT INTO logs FORMAT JSONEachRow {extra}"));
    let columns = "SELECT concat(name, ' ', type) FROM system.columns WHERE database = 'otel' AND table = 'otel_logs' \
                   ORDER BY position FORMAT TSVRaw";
    let map = "Map(LowCardinality(String), String)";
    let types = [
        ("Timestamp", "DateTime64(9, 'UTC')"),
        ("TimestampTime", "DateTime('UTC')"),
        ("TraceId", "String"),
        ("SpanId", "String"),
        ("TraceFlags", "UInt8"),
        ("SeverityText", "LowCardinality(String)"),
        ("SeverityNumber", "UInt8"),
        ("ServiceName", "LowCardinality(String)"),
        ("Body", "String"),
        ("ResourceSchemaUrl", "LowCardinality(String)"),
        ("ResourceAttributes", map),
        ("ScopeSchemaUrl", "LowCardinality(String)"),
        ("ScopeName", "String"),
        ("ScopeVersion", "LowCardinality(String)"),
        ("ScopeAttributes", map),
        ("LogAttributes", map),
        ("EventName", "String"),
    ];
    let wanted: String = types.iter().map(|(name, ty)| format!("{name} {ty}\n")).collect();
    assert_eq!(ask(&store, columns), wanted);
    let row = "SELECT TraceId, SeverityNumber, ResourceAttributes['service.name'], LogAttributes['user_id'], \
               LogAttributes['peer'] FROM otel_logs WHERE Timestamp > '2026-11-22 00:00:00' AND ServiceName = 'Payment'";
    assert_eq!(
        ask(&store, row),
        "0193cf1e000070008000000000000001\t9\tPayment\t18446744073709551615\ta\n"
    );
}

#[test]
fn the_tables_fit_a_schema_and_keep_what_they_hold() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "fitted");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.toml");
    let write = |fields: &str| {
        let text = format!(
            "[schema]\nname = \"acme\"\nversion = 3\n[policy]\nretention = {{ default = \"30d\", debug = \"3d\" }}\n\
             [fields]\n{fields}\n[event.captured]\ncategory = \"user\"\nlevel = \"info\"\nmessage = \"m\"\nretention = \"365d\"\n"
        );
        std::fs::write(&path, text).expect("writes");
    };
    let fit = || {
        let mut command = command(&server, "fitted");
        let output = command.arg("--schema").arg(&path).output().expect("runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    migrate(&store).expect("migrates");
    ask(&store, &format!("INSERT INTO logs FORMAT JSONEachRow {ROW}"));
    write("user_id = { type = \"u64\" }");
    assert_eq!(
        fit(),
        (
            Some(0),
            "nothing to do: 3 applied before\nthe tables fit the schema acme@3\n".into()
        )
    );
    assert_eq!(fit().0, Some(0), "again");
    // Another field, and what Vector sends of a number that its language does not hold: text.
    write("user_id = { type = \"u64\" }\namount = { type = \"u64\" }");
    assert_eq!(fit().0, Some(0));
    for (level, event) in [("DEBUG", ""), ("DEBUG", "captured"), ("ERROR", "")] {
        let row = ROW
            .replace("\"INFO\"", &format!("\"{level}\",\"event_name\":\"{event}\""))
            .replace("18446744073709551615", "\"18446744073709551615\",\"amount\":7");
        ask(&store, &format!("INSERT INTO logs FORMAT JSONEachRow {row}"));
    }
    assert_eq!(
        ask(
            &store,
            "SELECT metadata.user_id, metadata.amount, kept_days FROM logs ORDER BY kept_days, level"
        ),
        "18446744073709551615\t7\t3\n18446744073709551615\t7\t30\n18446744073709551615\t\\N\t30\n\
         18446744073709551615\t7\t365\n"
    );
    assert_eq!(
        ask(&store, "SELECT toTypeName(metadata.user_id) FROM logs LIMIT 1"),
        "Nullable(UInt64)\n"
    );

    write("user_id = { type = \"u65\" }");
    let (code, text) = fit();
    assert!(code == Some(1) && text.contains("u65"), "{text}");
}

#[test]
fn one_request_is_found_without_reading_the_table() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "found");
    migrate(&store).expect("migrates");
    // 400,000 records of 40,000 requests that overlap in time, in two parts.
    for half in 0..2 {
        ask(
            &store,
            &format!(
                "INSERT INTO logs (timestamp, level, event_id, uuid, service_name, message) \
                 SELECT now64(9) + number / 1000, 'INFO', reinterpretAsUUID(sipHash128(intDiv(number, 10) + {half} * 20000)), \
                 generateUUIDv7(), concat('Service', toString(number % 10)), 'm' FROM numbers(200000)"
            ),
        );
    }
    let id = ask(&store, "SELECT event_id FROM logs LIMIT 1 OFFSET 123456");
    // As a user asks: the setting only keeps the server from remembering.
    let sql = format!(
        "SELECT * FROM logs WHERE event_id = '{}' SETTINGS use_query_condition_cache = 0",
        id.trim()
    );
    let read = rows_read(&server, "found", &sql);
    assert!((1..=40_000).contains(&read), "of 400,000 rows it read {read}");
    // The same once all parts were rewritten for a new field's type.
    let schema = tempfile::NamedTempFile::new().expect("a file");
    let text = "[schema]\nname = \"acme\"\nversion = 3\n[fields]\nuser_id = { type = \"u64\" }\n";
    std::fs::write(schema.path(), text).expect("writes");
    let output = command(&server, "found")
        .arg("--schema")
        .arg(schema.path())
        .output()
        .expect("runs");
    assert!(output.status.success(), "{output:?}");
    let read = rows_read(&server, "found", &sql);
    assert!(
        (1..=40_000).contains(&read),
        "of 400,000 rows it read {read}, fitted"
    );
}

#[test]
fn the_time_in_an_id_spares_the_granules_of_other_times() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let store = database(&server, "begun");
    migrate(&store).expect("migrates");
    // 200,000 records of 20,000 requests, one each second; of every ten records one is outside any request, and one in a
    // request whose id came from others.
    ask(
        &store,
        "INSERT INTO logs (timestamp, level, event_id, uuid, service_name, message) \
         SELECT toDateTime64('2026-11-22 00:00:00', 9, 'UTC') + intDiv(number, 10), 'INFO', \
         multiIf(number % 10 = 3, toUUID('00000000-0000-0000-0000-000000000000'), \
         number % 10 = 7, toUUID('0af76519-16cd-43dd-8448-eb211c80319c'), \
         reinterpretAsUUID(bitOr(bitShiftLeft(toUInt128(0x8000000000000000 + intDiv(number, 10)), 64), \
         toUInt128(bitOr(bitShiftLeft(toUInt64(1795305600000 + intDiv(number, 10) * 1000), 16), 0x7000))))), \
         generateUUIDv7(), 'Service', 'm' FROM numbers(200000)",
    );
    let id = ask(
        &store,
        "SELECT event_id FROM logs WHERE timestamp = '2026-11-22 03:00:00' AND toString(event_id) LIKE '01a2%' LIMIT 1",
    );
    assert_eq!(id.as_bytes().get(14), Some(&b'7'), "a UUIDv7: {id}");
    let found = |id: &str| {
        ask(
            &store,
            &format!("SELECT count() FROM logs WHERE event_id = '{id}'"),
        )
    };
    assert_eq!(found(id.trim()), "8\n");
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "0af76519-16cd-43dd-8448-eb211c80319c",
    ] {
        assert_eq!(found(id), "20000\n");
    }
    // By the time alone.
    let sql = format!(
        "SELECT * FROM logs WHERE event_id = '{}' SETTINGS ignore_data_skipping_indices = 'bloom', \
         optimize_use_projections = 0, use_query_condition_cache = 0",
        id.trim()
    );
    let read = rows_read(&server, "begun", &sql);
    assert!((1..=70_000).contains(&read), "of 200,000 rows it read {read}");
}

/// How many rows the server read for the answer to `sql`.
fn rows_read(server: &testing::ClickHouse, database: &str, sql: &str) -> u64 {
    let agent = ureq::Agent::new_with_defaults();
    let answer = agent
        .post(format!("{}/?database={database}", server.url()))
        .send(sql)
        .expect("an answer");
    let summary = answer.headers()["x-clickhouse-summary"].to_str().expect("ascii");
    summary
        .split("\"read_rows\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next()?.parse().ok())
        .unwrap_or_else(|| panic!("no count in {summary}"))
}

fn command(server: &testing::ClickHouse, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel"));
    command.args(["migrate", "--to", &format!("{}/{database}", server.url())]);
    command
}

#[test]
fn the_command_says_what_it_did() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    database(&server, "said");
    let run = || {
        let output = command(&server, "said").output().expect("runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(run(), ALL.map(|name| format!("applied {name}\n")).concat());
    assert_eq!(run(), "nothing to do: 3 applied before\n");
}
