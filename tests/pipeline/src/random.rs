//! Random lines of which little good can be expected, for the demo's schema: right records with a few things changed, and
//! worse. The same seed gives the same lines.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// The seed: TRACEL_SEED, or always the same.
///
/// # Panics
/// When TRACEL_SEED is no number.
pub fn seed() -> u64 {
    std::env::var("TRACEL_SEED").map_or(20_261_122, |seed| seed.parse().expect("TRACEL_SEED is a number"))
}

/// The declared fields of the demo.
pub const DECLARED: [&str; 13] = [
    "user_id",
    "payment_id",
    "amount",
    "currency",
    "card",
    "attempt",
    "entry_id",
    "balance",
    "code",
    "status",
    "waited",
    "address",
    "error",
];

fn record() -> Value {
    json!({
        "timestamp": "2026-11-22T11:40:00.123456789Z", "level": "INFO",
        "event_id": "0193cf1e-0000-7000-8000-000000000001", "uuid": "0193cf1e-0000-7000-8000-000000000002",
        "service_name": "payment", "module_name": "Transaction", "message": "payment captured",
        "metadata": { "user_id": 42, "payment_id": "0193cf1e-0000-7000-8000-000000000003", "amount": 1999,
            "currency": "EUR", "card": "***", "waited": "18446744073709551616", "error": "gone" },
        "log_type": "user", "event_name": "payment_captured", "span_id": "1", "parent_span_id": "2",
        "span_name": "capture", "thread": "tokio", "task": 17, "source": "src/pay.rs:42",
        "extra": { "peer": "10.0.0.1" }, "instance": "0193cf1e-0000-7000-8000-000000000004", "lane": 2, "seq": 1093,
        "schema": "shop@1"
    })
}

/// Words that some rule knows.
const WORDS: [&str; 10] = [
    "EUR",
    "LOUD",
    "***",
    "hash:0123456789abcdef0123456789abcdef",
    "127.0.0.1",
    "warning",
    "DEBUG",
    "system",
    "payment_declined",
    "shop@2",
];

/// A value of which little good can be expected.
fn hostile(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(0..22) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(u64::MAX - u64::from(rng.u8(..))),
        4 => json!(f64::from_bits(rng.u64(..))),
        5 => json!(rng.u64(..).to_string()),
        6 => json!("18446744073709551616"),
        7 => json!(
            [
                "1600-01-01T00:00:00Z",
                "2362-04-12T00:00:00Z",
                "9999-12-31T23:59:59Z",
                "2026-11-22 11:40:00"
            ][rng.usize(0..4)]
        ),
        8 => json!(format!(
            "{:04}-{:02}-{:02}T00:00:00Z",
            rng.u16(0..9999),
            rng.u8(0..14),
            rng.u8(0..33)
        )),
        9 => json!(
            [
                "",
                "\0",
                "\u{7f}\u{1f980}",
                "\\N",
                "{{ level }}",
                "$1",
                "a\tb\nc",
                "…[cut 7 bytes]"
            ][rng.usize(0..8)]
        ),
        10 => json!("x".repeat(rng.usize(0..5000))),
        11 => json!(WORDS[rng.usize(0..WORDS.len())]),
        12 => json!({ "a.b": 1, "a": { "b": "2" } }),
        13 => json!([null, 1, "1", [1.5]]),
        14 => {
            let deep = rng.usize(0..110);
            (0..deep).fold(json!(1), |inner, _| json!([inner]))
        }
        15 => json!(uuid::Uuid::from_u128(rng.u128(..)).to_string()),
        16..=18 if depth < 4 => object(rng, depth + 1),
        19 if depth < 4 => (0..rng.usize(0..5)).map(|_| hostile(rng, depth + 1)).collect(),
        _ => json!(rng.i32(..)),
    }
}

fn key(rng: &mut Rng) -> String {
    let known = record();
    let envelope: Vec<&String> = known.as_object().expect("an object").keys().collect();
    match rng.u8(0..6) {
        0 | 1 => DECLARED[rng.usize(0..DECLARED.len())].to_owned(),
        2 | 3 => envelope[rng.usize(0..envelope.len())].clone(),
        4 => [
            "topic",
            "partition",
            "offset",
            "headers",
            "message_key",
            "source_type",
            "arrived",
            "a.b",
            "a",
            "",
            "\0",
            "tracel_cut",
            "tracel_lost",
            "http_status",
            "__proto__",
            "metadata.a",
            "record.a",
        ][rng.usize(0..17)]
        .to_owned(),
        _ => (0..rng.usize(0..9)).map(|_| rng.char(..)).collect(),
    }
}

fn object(rng: &mut Rng, depth: usize) -> Value {
    let count = rng.usize(0..8);
    Value::Object((0..count).map(|_| (key(rng), hostile(rng, depth))).collect())
}

/// A right record in which a few things are changed.
fn changed(rng: &mut Rng) -> Value {
    let mut record = record();
    for _ in 0..rng.usize(0..4) {
        let place = match rng.u8(0..3) {
            0 => record.as_object_mut(),
            1 => record["metadata"].as_object_mut(),
            _ => record["extra"].as_object_mut(),
        };
        let mut absent = Map::new();
        let place = place.unwrap_or(&mut absent);
        let name = key(rng);
        match rng.bool() {
            true => place.insert(name, hostile(rng, 0)),
            false => place.remove(&name),
        };
    }
    record
}

/// A line.
pub fn line(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = match rng.u8(0..8) {
        0 => (0..rng.usize(0..300)).map(|_| rng.u8(..)).collect(),
        1 => hostile(rng, 0).to_string().into_bytes(),
        2 => object(rng, 0).to_string().into_bytes(),
        _ => changed(rng).to_string().into_bytes(),
    };
    if rng.u8(0..12) == 0 && !bytes.is_empty() {
        let at = rng.usize(0..bytes.len());
        match rng.bool() {
            true => bytes.truncate(at),
            false => bytes[at] = rng.u8(..),
        }
    }
    bytes
}
