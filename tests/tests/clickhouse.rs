//! From a log macro through the sink `clickhouse://` into a real ClickHouse, and out of it by `tracel replay`.
#![allow(
    missing_docs,
    clippy::disallowed_macros,
    reason = "what other crates log is part of it"
)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, SCHEMA};
use serde_json::{Map, Value, json};
use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};
use tracel::{
    Uuid, log, log_error, log_info,
    sink::{Address, Batch},
};
use tracel_cli::{
    clickhouse::ClickHouse,
    migrate::migrate,
    replay::{Request, source::Source},
};
use tracel_dev::testing;
use tracel_tests::Kept;
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// An empty database with the tables, and the sink's address.
fn store(server: &testing::ClickHouse, name: &str) -> (ClickHouse, String) {
    let address = format!("{}/{name}", server.url().replace("http://", "clickhouse://"));
    let store = ClickHouse::new(&address).expect("an address");
    store
        .with_database("default")
        .query(&format!("DROP DATABASE IF EXISTS {name}"), &[])
        .expect("drops");
    migrate(&store).expect("migrates");
    (store, address)
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
    let mut sink = address
        .parse::<Address>()
        .expect("an address")
        .open()
        .expect("a sink");
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
