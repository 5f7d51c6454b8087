//! `tracel replay` as people call it: over files with damaged lines, and over a real ClickHouse.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};

const REQUEST: &str = "0193cf1e-7a10-7c31-9d0e-5b1f0a6c2e01";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn tracel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(arguments)
        .current_dir(fixtures())
        .output()
        .expect("runs")
}

#[track_caller]
fn stdout(output: Output) -> String {
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{text}");
    String::from_utf8(output.stdout).expect("text")
}

/// What every store must give for the fixtures' request. The payment service's clock is 50 ms behind.
const TREE: &str = r#"request 0193cf1e-7a10-7c31-9d0e-5b1f0a6c2e01  9 records, 3 services, 80.00ms
    +0ns  ├ Gateway pay [Api]  80.00ms
    +0ns  │ ├ INFO  payment asked  amount=1999 currency=EUR user_id=42
-50.00ms  │ ├ Payment capture [Transaction]  21.50ms  (its clock is 50.00ms behind?)
-50.00ms  │ │ ├ INFO  capture requested  user_id=42
-49.00ms  │ │ ├ Payment ask_bank [Transaction]  20.50ms
-49.00ms  │ │ │ ├ DEBUG asking the bank  attempt=1 tenant="north sea"
-28.50ms  │ │ │ └ WARN  bank answered  attempt=1 raw="code=51 \u001b[31mred"
-28.50ms  │ │ ├ ERROR capture declined  error="limit reached" payment_id=0193cf1e-1111-7000-8000-000000000000
+50.00ms  │ │ └ Ledger reverse [Booking]  1.25ms
+50.00ms  │ │   ├ INFO  entry reversed  entry=9007199254740993
+51.25ms  │ │   └ WARN  slow disk  ms=1200
+80.00ms  │ └ ERROR payment failed  error="declined: limit reached" status=402 user_id=42
+70.00ms  └ INFO  Ledger booked outside any span
"#;

/// The last three digits of the uuids, in order.
const ORDER: [&str; 9] = ["001", "011", "012", "013", "014", "021", "022", "023", "003"];

fn order(json: &str) -> Vec<&str> {
    json.lines()
        .map(|line| {
            let at = line.find("\"uuid\":\"").expect("a uuid") + 8;
            &line[at + 33..at + 36]
        })
        .collect()
}

#[test]
fn a_folder_is_replayed_as_a_tree_and_its_damaged_lines_are_named() {
    let output = tracel(&["replay", REQUEST, "--from", "."]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let tree = stdout(output);
    assert_eq!(tree, TREE, "\n{tree}");
    let damaged: Vec<&str> = errors.lines().collect();
    assert_eq!(damaged.len(), 3, "{errors}");
    for (line, start) in damaged.iter().zip([
        "tracel: skipped ./payment/payment.ndjson:2: no JSON: ",
        "tracel: skipped ./payment/payment.ndjson:3: no JSON: ",
        "tracel: skipped ./payment/payment.ndjson:6: it has no `event_id`",
    ]) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn the_last_digits_name_a_request_as_pretty_prints_them() {
    for end in ["0a6c2e01", "0A6C2E01", "9d0e-5b1f0a6c2e01"] {
        assert_eq!(stdout(tracel(&["replay", end, "--from", "."])), TREE, "{end}");
    }
    for (end, code, says) in [
        (
            "ffffffff",
            1,
            "holds no request whose event_id ends with ffffffff",
        ),
        ("6c2e01", 2, "its last 8 and more will do"),
    ] {
        let output = tracel(&["replay", end, "--from", "."]);
        assert_eq!(output.status.code(), Some(code), "{end}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(says), "{said}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let both = folder.path().join("both.ndjson");
    let text = fs::read_to_string(fixtures().join("gateway/gateway.ndjson")).expect("the fixture");
    let other = text.replace(REQUEST, "1193cf1e-7a10-7c31-9d0e-5b1f0a6c2e01");
    fs::write(&both, text + &other).expect("writes");
    let output = tracel(&["replay", "0a6c2e01", "--from", &both.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains(&format!("2 requests end with 0a6c2e01: {REQUEST}, 1193cf1e-")),
        "{said}"
    );
}

#[test]
fn as_json_each_record_is_there_once_and_in_order() {
    let json = stdout(tracel(&[
        "replay",
        &REQUEST.to_uppercase(),
        "--json",
        "--from",
        ".",
    ]));
    assert_eq!(order(&json), ORDER);
    // A record comes out as it went in, but for the order of its metadata.
    let line = json
        .lines()
        .find(|line| line.contains("bank answered"))
        .expect("the record");
    let written = fs::read_to_string(fixtures().join("payment/payment.ndjson")).expect("the fixture");
    assert!(written.lines().any(|written| written == line), "{line}");
}

#[test]
fn one_file_is_replayed_alone() {
    let tree = stdout(tracel(&[
        "replay",
        REQUEST,
        "--from",
        "ledger/ledger.2026-11-22.jsonl",
    ]));
    assert!(
        tree.starts_with(&format!("request {REQUEST}  3 records, 1 service, 20.00ms\n")),
        "{tree}"
    );
    let url = format!(
        "file://{}",
        fixtures().join("ledger/ledger.2026-11-22.jsonl").display()
    );
    assert_eq!(stdout(tracel(&["replay", REQUEST, "--from", &url])), tree);
}

#[test]
fn rotated_and_compressed_files_count_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to) in [
        ("gateway/gateway.ndjson", "gateway.ndjson"),
        ("payment/payment.ndjson.1", "payment.ndjson.1"),
        ("ledger/ledger.2026-11-22.jsonl", "ledger.ndjson.2.gz"),
    ] {
        let bytes = fs::read(fixtures().join(from)).expect("the fixture");
        let mut file = fs::File::create(folder.path().join(to)).expect("a file");
        if to.ends_with("gz") {
            let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            encoder
                .write_all(&bytes)
                .and_then(|()| encoder.finish().map(drop))
                .expect("writes");
        } else {
            file.write_all(&bytes).expect("writes");
        }
    }
    // Bytes that are no text at all.
    let mut noise = fs::OpenOptions::new()
        .append(true)
        .open(folder.path().join("gateway.ndjson"))
        .expect("a file");
    noise.write_all(b"\xff\xfe\x00{\n").expect("writes");
    let output = tracel(&[
        "replay",
        REQUEST,
        "--json",
        "--from",
        &folder.path().display().to_string(),
    ]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("gateway.ndjson:4: no JSON"), "{errors}");
    assert_eq!(
        order(&stdout(output)),
        ["001", "011", "012", "021", "022", "023", "003"]
    );
}

#[test]
fn an_unknown_request_exits_with_1_and_a_wrong_question_with_2() {
    let unknown = "0193cf1e-7a10-7c31-9d0e-000000000000";
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().display().to_string();
    for (arguments, code, says) in [
        (
            vec!["replay", unknown, "--from", "."],
            1,
            "holds no record of the request 0193cf1e",
        ),
        (vec!["replay", "nonsense", "--from", "."], 2, "nonsense"),
        (vec!["replay", REQUEST, "--from", "./nowhere"], 2, "./nowhere"),
        (vec!["replay", REQUEST, "--from", &empty], 2, "no file of NDJSON"),
        (
            vec!["replay", REQUEST, "--from", "kafka://x/y"],
            2,
            "clickhouse://",
        ),
        (
            vec!["replay", REQUEST, "--from", "clickhouse://127.0.0.1:1"],
            2,
            "does not answer",
        ),
        (vec!["replay", REQUEST], 2, "--from"),
    ] {
        let output = tracel(&arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_clickhouse_gives_the_same_as_the_files() {
    let Some(server) = tracel_dev::testing::clickhouse() else {
        return;
    };
    let address = server.without("replayed");
    let store = ClickHouse::new(&address).expect("an address");
    let missing = tracel(&["replay", REQUEST, "--from", &format!("{address}/nowhere")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&missing.stderr).contains("tracel migrate"),
        "{missing:?}"
    );

    migrate(&store).expect("migrates");
    let from_files = stdout(tracel(&["replay", REQUEST, "--json", "--from", "."]));
    let others = fs::read_to_string(fixtures().join("gateway/gateway.ndjson")).expect("the fixture");
    // Twice, as a broker may deliver it.
    for rows in [&from_files, &others] {
        store
            .query(&format!("INSERT INTO logs FORMAT JSONEachRow {rows}"), &[])
            .expect("inserts");
    }
    let from_server = stdout(tracel(&["replay", REQUEST, "--json", "--from", &address]));
    assert_eq!(from_server, from_files);
    assert_eq!(stdout(tracel(&["replay", REQUEST, "--from", &address])), TREE);
    assert_eq!(stdout(tracel(&["replay", "0a6c2e01", "--from", &address])), TREE);
    let unknown = tracel(&[
        "replay",
        "0193cf1e-7a10-7c31-9d0e-000000000000",
        "--from",
        &address,
    ]);
    assert_eq!(unknown.status.code(), Some(1));
}
