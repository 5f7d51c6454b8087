//! The record of DESIGN §4 in the wire forms of §1, for any input.
#![allow(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "its thread is of no request")]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, SCHEMA};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    ffi::OsStr,
    fmt, iter,
    net::IpAddr,
    os::unix::ffi::OsStrExt,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracel::{Uuid, log, log_debug, log_error, log_info, log_warn};
use tracel_tests::records;

#[tracel::instrument(fields(module = "Transaction", event_id = %generate_event_id()), skip_all)]
fn capture(payment_id: Uuid) -> u32 {
    let (user_id, amount, currency) = (42, 1999, Currency::Eur);
    let at = line!() + 1;
    log!(PaymentCaptured {
        user_id,
        payment_id,
        amount,
        currency
    });
    at
}

#[test]
fn the_keys_of_the_design_in_their_order() {
    let mut logged_at = 0;
    let line = {
        let (layer, guard, kept) = tracel_tests::layer(SCHEMA);
        use tracing_subscriber::layer::SubscriberExt;
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing_core::dispatcher::with_default(&tracing_core::Dispatch::new(subscriber), || {
            std::thread::scope(|scope| {
                let dispatch = tracing_core::dispatcher::get_default(Clone::clone);
                let run = move || tracing_core::dispatcher::with_default(&dispatch, || capture(Uuid::nil()));
                let worker = std::thread::Builder::new()
                    .name("wor\"ker".into())
                    .spawn_scoped(scope, run)
                    .unwrap();
                logged_at = worker.join().unwrap();
            });
        });
        guard.flush(Duration::from_secs(10)).unwrap();
        kept.text()
    };
    let mut at = 0;
    for key in [
        "timestamp",
        "level",
        "event_id",
        "uuid",
        "service_name",
        "module_name",
        "message",
        "metadata",
        "log_type",
        "event_name",
        "span_id",
        "span_name",
        "thread",
        "source",
        "instance",
        "lane",
        "seq",
        "schema",
    ] {
        let found = line[at..]
            .find(&format!("\"{key}\":"))
            .unwrap_or_else(|| panic!("{key} in its place: {line}"));
        at += found;
    }
    let record = tracel_tests::strict(line.trim_end());
    assert_eq!(record["level"], "INFO");
    assert_eq!(record["service_name"], "Payment");
    assert_eq!(record["module_name"], "Transaction");
    assert_eq!(record["message"], "payment captured");
    let metadata = json!({
        "user_id": 42, "payment_id": Uuid::nil().to_string(), "amount": 1999, "currency": "EUR",
    });
    assert_eq!(record["metadata"], metadata);
    assert_eq!(record["log_type"], "user");
    assert_eq!(record["event_name"], "payment_captured");
    assert_eq!(record["span_name"], "capture");
    assert_eq!(record["thread"], "wor\"ker");
    assert_eq!(record["schema"], "acme@3");
    assert_eq!(record["seq"], 0);
    let source = record["source"].as_str().unwrap();
    assert!(
        source.ends_with(&format!("tests/record.rs:{logged_at}")),
        "{source}"
    );
    for key in ["event_id", "uuid", "instance"] {
        let id: Uuid = record[key].as_str().unwrap().parse().unwrap();
        assert_eq!(id.get_version_num(), 7, "{key}");
    }
    assert_eq!(record["span_id"].as_str().unwrap().len(), 16);
    for absent in ["parent_span_id", "target", "extra", "task"] {
        assert_eq!(record.get(absent), None);
    }
}

#[test]
fn the_time_of_a_record_is_now() {
    let before = SystemTime::now();
    let records = records(SCHEMA, || log_info!(SysLog("now", due = SystemTime::now())));
    let (at, due) = (
        records[0]["timestamp"].as_str().unwrap(),
        records[0]["metadata"]["due"].as_str().unwrap(),
    );
    assert!(due <= at, "{due} {at}");
    let seconds = before.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let within: Vec<String> = (seconds..seconds + 10)
        .map(|second| {
            let records = tracel_tests::records(SCHEMA, || {
                log_info!(SysLog("then", due = UNIX_EPOCH + Duration::from_secs(second)));
            });
            records[0]["metadata"]["due"].as_str().unwrap()[..19].to_owned()
        })
        .collect();
    assert!(within.contains(&at[..19].to_owned()), "{at} {within:?}");
}

#[test]
fn limits_of_numbers() {
    let records = records(SCHEMA, || {
        log_info!(SysLog(
            "max",
            amount = u64::MAX,
            balance = i64::MIN,
            small = i8::MIN
        ));
        log_info!(SysLog("edge", amount = i64::MAX as u64, balance = i64::MAX));
        log_info!(SysLog("above", amount = i64::MAX as u64 + 1));
        for ratio in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            log_info!(SysLog("no number", ratio));
        }
        log_info!(SysLog("small", ratio = f64::MIN_POSITIVE));
        log_info!(SysLog("whole", ratio = 1.0));
    });
    assert_eq!(
        records[0]["metadata"],
        json!({"amount": "18446744073709551615", "balance": i64::MIN, "small": -128})
    );
    assert_eq!(
        records[1]["metadata"],
        json!({"amount": i64::MAX, "balance": i64::MAX})
    );
    assert_eq!(records[2]["metadata"], json!({"amount": "9223372036854775808"}));
    for record in &records[3..6] {
        assert_eq!(record["metadata"], json!({"ratio": null}));
    }
    assert_eq!(records[6]["metadata"], json!({"ratio": f64::MIN_POSITIVE}));
    assert!(records[7]["metadata"]["ratio"].is_f64());
}

#[test]
fn strange_text() {
    let path = Path::new(OsStr::from_bytes(b"/tmp/\xff\xfe\"\n"));
    let all: String = (0..=0x2030u32).filter_map(char::from_u32).collect();
    let records = records(SCHEMA, || {
        log_info!(SysLog("path", reason = path));
        log_info!(SysLog("all", reason = &all));
    });
    assert_eq!(records[0]["metadata"]["reason"], "/tmp/\u{fffd}\u{fffd}\"\n");
    assert_eq!(records[1]["metadata"]["reason"], all);
}

#[derive(Debug)]
struct Failed(Option<Box<Failed>>, &'static str);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_deref().map(|source| source as _)
    }
}

#[test]
fn an_error_is_its_chain() {
    let err = Failed(Some(Box::new(Failed(None, "connection \"reset\""))), "no answer");
    let boxed: Box<dyn std::error::Error + Send + Sync> = "plain".into();
    let records = records(SCHEMA, || {
        log_error!(SysLog("charge refused", error = &err));
        log_error!(SysLog("charge refused", error = boxed));
    });
    assert_eq!(records[0]["metadata"]["error"], "no answer: connection \"reset\"");
    assert_eq!(records[1]["metadata"]["error"], "plain");
}

#[test]
fn a_megabyte_is_cut_to_the_longest_record() {
    let before = tracel::stats().cut;
    let (long, short) = ("ü\n".repeat(500_000), "s".repeat(2_000));
    let items: Vec<u32> = (0..200_000).collect();
    let records = records(SCHEMA, || {
        log_info!(SysLog("long", reason = &long, tenant = &short));
        log_info!(SysLog("list", items = &items, reason = "kept"));
        log_debug!(SysLog("open", anything = &long));
    });
    for record in &records {
        assert!(record.to_string().len() <= 32 << 10);
    }
    assert_eq!(records.len(), 3);
    let reason = records[0]["metadata"]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("ü\nü\n") && reason.contains("…[cut "),
        "{reason:.20}"
    );
    assert!(reason.len() > 20_000);
    assert_eq!(records[0]["metadata"]["tenant"], short);
    assert_eq!(records[1]["metadata"], json!({"reason": "kept"}));
    assert_eq!(records[1]["extra"]["tracel_cut"], "items");
    assert!(
        records[2]["extra"]["anything"]
            .as_str()
            .unwrap()
            .contains("…[cut ")
    );
    assert!(tracel::stats().cut >= before + 3);
}

#[test]
fn sensitive_values_are_masked_and_absent_ones_left_out() {
    let records = records(SCHEMA, || {
        log_warn!(SysLog(
            "card",
            card = "4000 1234 5678 9010",
            attempt = None::<u32>
        ));
        log!(PaymentCaptured {
            user_id: 1,
            payment_id: Uuid::nil(),
            amount: 1,
            currency: Currency::Usd,
            card: Some("4000")
        });
    });
    assert_eq!(records[0]["metadata"], json!({"card": "***"}));
    assert_eq!(records[1]["metadata"]["card"], "***");
}

#[test]
fn open_keys_stand_under_extra_as_text() {
    let records = records(SCHEMA, || {
        log_debug!(SysLog("open", user_id = 5u64, cache_hits = 7, label = "x"))
    });
    assert_eq!(records[0]["metadata"], json!({"user_id": 5}));
    assert_eq!(records[0]["extra"], json!({"cache_hits": "7", "label": "x"}));
}

/// One static callsite in a generic function serves several events.
fn generic<E: tracel::event::LoggedAt<tracel::level::info>>(event: &E) {
    log_info!(event);
}

#[derive(tracel::SysLog)]
#[log(event = "first", message = "the first")]
struct First {
    attempt: u32,
}

#[derive(tracel::UserLog)]
#[log(event = "second", message = "the second")]
struct Second<'a> {
    user_id: u64,
    reason: &'a str,
}

#[test]
fn a_generic_functions_callsite_keeps_events_apart() {
    let records = records(SCHEMA, || {
        for attempt in 0..2 {
            generic(&First { attempt });
            generic(&Second {
                user_id: 3,
                reason: "r",
            });
        }
    });
    let said: Vec<_> = records
        .iter()
        .map(|record| (record["message"].clone(), record["metadata"].clone()))
        .collect();
    assert_eq!(said[0], (json!("the first"), json!({"attempt": 0})));
    assert_eq!(
        said[1],
        (json!("the second"), json!({"user_id": 3, "reason": "r"}))
    );
    assert_eq!(said[2], (json!("the first"), json!({"attempt": 1})));
    assert_eq!(said[3], said[1]);
}

/// What a `u64` reads back as.
fn unsigned(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

prop_compose! {
    fn json_value()(text in ".{0,20}", number in any::<i64>(), list in prop::collection::vec(any::<bool>(), 0..4)) -> Value {
        json!({ "text": text, "number": number, "list": list, "a.b": 1, "a": {"b": null} })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_reads_back(
        amount in any::<u64>(), balance in any::<i64>(), ratio in any::<f64>(), ok in any::<bool>(),
        reason in any::<String>(), id in any::<u128>(), client in any::<IpAddr>(),
        since in -62_167_219_200_i64..253_402_300_800, nanoseconds in 0..1_000_000_000_u32,
        took in any::<Duration>(), digest in any::<Vec<u8>>(), payload in json_value(),
        items in any::<Vec<u32>>(), tags in any::<Vec<String>>(), attempt in any::<Option<u32>>(),
    ) {
        let due = if since < 0 {
            UNIX_EPOCH - Duration::from_secs(since.unsigned_abs()) + Duration::from_nanos(nanoseconds.into())
        } else {
            UNIX_EPOCH + Duration::new(since.unsigned_abs(), nanoseconds)
        };
        let (payment_id, text) = (Uuid::from_u128(id), reason.clone());
        let records = records(SCHEMA, || {
            log_info!(SysLog(
                "all of it", amount, balance, ratio, ok, reason, payment_id, client, due, took,
                digest = &digest, payload = &payload, items = &items, tags = &tags, attempt,
                currency = Currency::Usd
            ));
        });
        let metadata = &records[0]["metadata"];
        prop_assert_eq!(unsigned(&metadata["amount"]), amount);
        prop_assert_eq!(metadata["balance"].as_i64(), Some(balance));
        prop_assert_eq!(metadata["ratio"].as_f64(), Some(ratio).filter(|ratio| ratio.is_finite()));
        prop_assert_eq!(metadata["ok"].as_bool(), Some(ok));
        prop_assert_eq!(metadata["reason"].as_str(), Some(&*text));
        prop_assert_eq!(metadata["payment_id"].as_str(), Some(&*payment_id.to_string()));
        prop_assert_eq!(metadata["client"].as_str(), Some(&*client.to_string()));
        let written = metadata["due"].as_str().unwrap();
        prop_assert_eq!(written.len(), 30);
        prop_assert_eq!(&written[20..29], &format!("{nanoseconds:09}"));
        let nanos = metadata["took"].to_string();
        prop_assert_eq!(nanos.trim_matches('"'), took.as_nanos().to_string());
        prop_assert_eq!(base64(metadata["digest"].as_str().unwrap()), digest);
        prop_assert_eq!(&metadata["payload"], &payload);
        prop_assert_eq!(&metadata["items"], &json!(items));
        prop_assert_eq!(&metadata["tags"], &json!(tags));
        prop_assert_eq!(metadata.get("attempt").cloned(), attempt.map(Value::from));
        prop_assert_eq!(&metadata["currency"], "USD");
    }
}

/// A reader of base64 that shares nothing with the writer.
fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = text.trim_end_matches('=').as_bytes();
    text.chunks(4)
        .flat_map(|chunk| {
            let bits = chunk.iter().chain(iter::repeat(&b'A')).take(4);
            let word = bits.fold(0u32, |word, byte| word << 6 | u32::from(digit(*byte)));
            word.to_be_bytes()[1..chunk.len()].to_vec()
        })
        .collect()
}
