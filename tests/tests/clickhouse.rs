//! From a log macro through the sink `clickhouse://` into a real ClickHouse, and out of it by `tracel replay`.
#![allow(
    missing_docs,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "what other crates log is part of it; the proxy's threads serve no request"
)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, SCHEMA};
use serde_json::{Map, Value, json};
use std::{
    io::{self, Read},
    net::{IpAddr, Shutdown, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, SystemTime},
};
use tracel::{
    Uuid, log, log_error, log_info,
    sink::{Address, Batch, Sink},
};
use tracel_cli::{
    clickhouse::ClickHouse,
    migrate::{fit, migrate},
    replay::{Request, source::Source},
};
use tracel_dev::testing;
use tracel_tests::Kept;
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// An empty database with the tables, and the sink's address.
fn store(server: &testing::ClickHouse, name: &str) -> (ClickHouse, String) {
    let address = server.without(name);
    let store = ClickHouse::new(&address).expect("an address");
    migrate(&store).expect("migrates");
    (store, address)
}

fn sink(address: &str) -> Box<dyn Sink> {
    let address: Address = address.parse().expect("an address");
    address.open().expect("a sink")
}

/// What ClickHouse cannot tell apart is made the same: a number is a number, and null is nothing.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                entries
                    .map(|(key, value)| (key.clone(), plain(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

#[tracel::instrument(fields(module = "Transaction"), skip_all)]
fn request() {
    let texts = [
        "2026-11-22",
        "2026-11-22 11:40:00",
        "2026-11-22T13:40:00+02:00",
        "2026-11-22T11:40:00.5Z",
        "11:40",
        "1e3",
        "true",
        "null",
        "",
        " ",
        "it's \"quoted\" \\N \\ \t\r\n\0\u{7f}\u{1f980}",
        "{\"a\":1}",
        "[1]",
        "127.0.0.1",
        "0193cf1e-0000-7000-8000-000000000001",
    ];
    for reason in texts {
        log_info!(SysLog("a text", reason));
    }
    for amount in [0, 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        log_info!(SysLog("a number", amount));
    }
    for balance in [i64::MIN, -1, i64::MAX] {
        log_info!(SysLog("a balance", balance, small = -128, ok = true));
    }
    for ratio in [
        0.0,
        -0.5,
        0.1 + 0.2,
        1e300,
        f64::MIN_POSITIVE,
        f64::NAN,
        f64::INFINITY,
    ] {
        log_info!(SysLog("a ratio", ratio));
    }
    let error = std::io::Error::other("gone");
    log_error!(UserLog(
        u64::MAX,
        "all at once",
        error = &error,
        client = IpAddr::from([127, 0, 0, 1]),
        due = SystemTime::UNIX_EPOCH,
        took = Duration::MAX,
        digest = b"\0\xff",
        items = [1, 2],
        tags = ["", "2026-11-22"]
    ));
    log!(PaymentCaptured {
        user_id: 1,
        payment_id: Uuid::from_u128(7),
        amount: 2,
        currency: Currency::Usd
    });
    tracing::info!(target: "other", when = "2026-11-22 11:40:00", "from another crate");
}

#[test]
fn what_was_logged_comes_back() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (_, address) = store(&server, "comes_back");
    let kept = Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(address.as_str())
        .sink_with(kept.clone())
        .volatile()
        .build()
        .expect("a log");
    dispatcher::with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer)),
        request,
    );
    guard.flush(Duration::from_secs(30)).expect("flushed");

    let written: Vec<Value> = kept
        .records()
        .into_iter()
        .filter(|record| record["message"] != "")
        .collect();
    assert!(written.len() > 30);
    let event_id = written[0]["event_id"]
        .as_str()
        .expect("text")
        .parse()
        .expect("a UUID");
    let records = Source::new(&address)
        .expect("a source")
        .records(event_id, &mut |damaged| panic!("{damaged}"))
        .expect("records");
    let request = Request::new(records);
    let read: Vec<Value> = request
        .in_order()
        .iter()
        .map(|record| serde_json::from_str(&record.to_json()).expect("JSON"))
        .collect();
    let of_request: Vec<&Value> = written
        .iter()
        .filter(|record| record["event_id"] == written[0]["event_id"])
        .collect();
    assert_eq!(read.len(), of_request.len());
    for (read, written) in read.iter().zip(of_request) {
        assert_eq!(plain(read), plain(written));
    }
}

#[test]
fn a_batch_that_is_sent_again_is_stored_once() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "sent_again");
    let mut sink = sink(&address);
    let line = |n: u32| {
        format!(
            "{{\"timestamp\":\"2026-11-22T11:40:00Z\",\"event_id\":\"0193cf1e-0000-7000-8000-000000000001\",\"uuid\":\"{:032x}\",\"message\":\"{n}\"}}\n",
            n
        )
    };
    for n in [1, 2, 1, 1, 2] {
        sink.send(&Batch::new(u64::from(n), line(n).as_bytes()))
            .expect("sent");
    }
    assert_eq!(
        store.query("SELECT count() FROM logs", &[]).expect("an answer"),
        "2\n"
    );
}

/// JSON that is nested so deep.
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, level| match level % 2 {
        0 => json!({ "a": inner }),
        _ => json!([inner]),
    })
}

#[tracel::instrument(fields(module = "Transaction"), skip_all)]
fn hostile() {
    for payload in [
        json!({"a.b": 1, "a": {"b": 2}}),
        json!({"a": {"b": 2}, "a.b": {"c": [1, {"a.b": 1, "a": {"b": 2}}]}}),
        json!({"": {"": 1}, ".": 2, "a.": 3}),
        json!([1, "x", null, {"a": 1}, [[]]]),
        json!("2026-11-22"),
        json!(u64::MAX),
        json!(1e308),
        json!(null),
        nested(99),
        nested(1500),
        (0..1500).map(|n| (format!("k{n}"), json!(n))).collect(),
    ] {
        log_info!(SysLog("some JSON", payload = &payload));
    }
    for amount in [0, u64::MAX] {
        log_info!(SysLog("a number", amount));
    }
    for seconds in [
        -11_676_096_000_i64,
        12_370_492_800,
        -62_135_596_800,
        253_402_300_799,
    ] {
        let since = Duration::from_secs(seconds.unsigned_abs());
        let due = match seconds < 0 {
            true => SystemTime::UNIX_EPOCH - since,
            false => SystemTime::UNIX_EPOCH + since,
        };
        log_info!(SysLog("a year like 1600 or 2362", due));
    }
    for ratio in [f64::MAX, f64::NEG_INFINITY] {
        log_info!(SysLog("a ratio", ratio));
    }
    for tags in [&[""][..], &["1", "2026-11-22", "{}"], &[]] {
        log_info!(SysLog("a list", tags));
    }
    tracing::info!(target: "other", amount = "none", payload = 7, user_id = ?[1], due = true, "declared names");
    tracing::info!(target: "other", { a.b = 1, a = 2 }, "names that could be paths");
}

#[test]
fn no_value_costs_another_record_its_place() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "hostile");
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.toml");
    let compiled = tracel_cli::schema::compile(&schema)
        .expect("a file")
        .expect("a schema");
    fit(&store, &compiled.schema).expect("fits");
    let kept = Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(address.as_str())
        .sink_with(kept.clone())
        .volatile()
        .build()
        .expect("a log");
    let before = tracel::stats();
    dispatcher::with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer)),
        hostile,
    );
    guard.flush(Duration::from_secs(30)).expect("flushed");
    assert_eq!(tracel::stats().losses(), before.losses());
    let written = kept.text();
    let rows = store
        .query("SELECT uuid, metadata.payload FROM logs FORMAT TSVRaw", &[])
        .expect("an answer");
    let written: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).expect("what any reader of JSON takes"))
        .collect();
    assert!(written.len() >= 24);
    for record in &written {
        let uuid = record["uuid"].as_str().expect("text");
        let row = rows.lines().find(|row| row.starts_with(uuid));
        let (_, payload) = row
            .and_then(|row| row.split_once('\t'))
            .unwrap_or_else(|| panic!("it did not arrive: {record}"));
        match &record["metadata"]["payload"] {
            Value::Null => assert_eq!(payload, "\\N"),
            Value::String(text) => assert_eq!(payload, text),
            object => assert_eq!(&serde_json::from_str::<Value>(payload).expect("its text"), object),
        }
    }
    // No key of an object has become a path, and what is logged later keeps its place.
    let paths = store
        .query(
            "SELECT DISTINCT arrayJoin(JSONAllPaths(metadata)) AS path FROM logs WHERE path LIKE 'payload%'",
            &[],
        )
        .expect("an answer");
    assert_eq!(paths, "payload\n");
}

#[test]
fn records_of_any_time_and_level_arrive_in_one_batch() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "any_time");
    let mut sink = sink(&address);
    let lines: String = (0..150)
        .map(|day| {
            let time = format!("2026-{:02}-{:02}T00:00:00Z", 1 + day / 28, 1 + day % 28);
            format!(
                "{{\"timestamp\":\"{time}\",\"event_id\":\"0193cf1e-0000-7000-8000-000000000001\",\"uuid\":\"{day:032x}\",\"level\":\"L{day}\"}}\n"
            )
        })
        .collect();
    sink.send(&Batch::new(1, lines.as_bytes())).expect("sent");
    assert_eq!(
        store
            .query(
                "SELECT count(), uniq(level), uniq(toDate(timestamp)) FROM logs",
                &[]
            )
            .expect("an answer"),
        "150\t150\t150\n"
    );
}

/// Stands before the server at `address`. The first answer reaches nobody: it says so, waits for a word, and hangs up.
fn answer_is_lost(address: String, has_come: Sender<()>, may_end: Receiver<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let here = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let mut is_first = true;
        while let Ok((client, _)) = listener.accept() {
            let server = TcpStream::connect(&address).expect("the server");
            let (mut from, mut to) = (
                client.try_clone().expect("a socket"),
                server.try_clone().expect("a socket"),
            );
            thread::spawn(move || io::copy(&mut from, &mut to));
            let (mut from, mut to) = (server, client);
            if std::mem::take(&mut is_first) {
                assert!(from.read(&mut [0; 1]).expect("an answer") > 0);
                has_come.send(()).expect("the test waits");
                may_end.recv().expect("the test goes on");
                let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
            } else {
                thread::spawn(move || io::copy(&mut from, &mut to));
            }
        }
    });
    here.to_string()
}

#[test]
fn a_batch_whose_answer_is_lost_is_sent_again_as_it_was() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let (store, address) = store(&server, "answer_lost");
    let (has_come, come) = channel();
    let (go_on, may_end) = channel();
    let (_, host) = server.url().split_once("://").expect("a URL");
    let proxy = answer_is_lost(host.to_owned(), has_come, may_end);
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(address.replace(host, &proxy).as_str())
        .volatile()
        .build()
        .expect("a log");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let log = |n: u64| {
        dispatcher::with_default(&dispatch, || {
            for amount in n..n + 100 {
                log_info!(SysLog("a payment", amount));
            }
        });
    };
    log(0);
    come.recv_timeout(Duration::from_secs(20)).expect("an answer");
    // These may not join the batch that is sent again: it would be another one.
    log(100);
    go_on.send(()).expect("the proxy waits");
    guard.flush(Duration::from_secs(30)).expect("flushed");
    let found = store
        .query(
            "SELECT count(), uniq(uuid), uniq(metadata.amount) FROM logs WHERE message = 'a payment'",
            &[],
        )
        .expect("an answer");
    assert_eq!(found, "200\t200\t200\n");
}
