//! A hundred thousand random lines through the programs of `deploy/vector` as they are checked in: each ends as one row or
//! in quarantine, and no row holds what ClickHouse could refuse.
#![allow(missing_docs, reason = "a test")]

use fastrand::Rng;
use serde_json::Value;
use std::path::Path;
use tracel_pipeline::{
    random::{self, DECLARED},
    remap::{Line, Outcome, Remap},
};

const LINES: usize = 100_000;

/// What no column of the table may be given.
fn fault(row: &Value) -> Option<String> {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    for (name, value) in row["metadata"].as_object()? {
        let own = name.starts_with("tracel_") || name.starts_with("http_");
        if !own && !DECLARED.contains(&name.as_str()) {
            return Some(format!("{name} in metadata"));
        }
        let fits = match name.as_str() {
            "user_id" | "amount" | "entry_id" | "balance" | "waited" => {
                value.is_u64() || value.as_str().is_some_and(|text| text.parse::<u64>().is_ok())
            }
            "attempt" => value.as_u64().is_some_and(|value| u32::try_from(value).is_ok()),
            "status" | "http_status" => value.as_u64().is_some_and(|value| u16::try_from(value).is_ok()),
            "payment_id" => value
                .as_str()
                .is_some_and(|text| uuid::Uuid::try_parse(text).is_ok()),
            "currency" => ["EUR", "USD", "GBP"].iter().any(|word| value == word),
            "card" => value
                .as_str()
                .is_some_and(|text| text == "***" || text.starts_with("hash:")),
            "code" | "address" | "error" => value.is_string(),
            _ => true,
        };
        if !fits {
            return Some(format!("{name} is {value}"));
        }
    }
    if !row["extra"].as_object()?.values().all(Value::is_string) {
        return Some("extra is not all text".to_owned());
    }
    for name in ["uuid", "event_id"] {
        if uuid::Uuid::try_parse(&text(name)?).is_err() {
            return Some(format!("{name} is no UUID"));
        }
    }
    for name in ["timestamp", "arrived"] {
        let year = text(name)?.get(..4)?.parse::<u32>().ok()?;
        if !(2000..2200).contains(&year) {
            return Some(format!("{name} in the year {year}"));
        }
    }
    let numbers = ["task", "lane", "seq"]
        .iter()
        .all(|name| text(name).is_some_and(|text| text.parse::<u64>().is_ok()));
    (!numbers).then(|| "a number that is none".to_owned())
}

#[test]
fn each_ends_in_exactly_one_place() {
    let seed = random::seed();
    let mut rng = Rng::with_seed(seed);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/vector");
    let remap = Remap::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    let (mut rows, mut reasons) = (0, std::collections::BTreeMap::<String, usize>::new());
    for at in 0..LINES {
        let bytes = random::line(&mut rng);
        let place = rng.bool().then(|| ("logs", rng.i32(0..64), rng.i64(0..i64::MAX)));
        let came = match rng.u8(0..20) {
            0 => rng.i64(-100_000_000_000_000..100_000_000_000_000),
            _ => 1_795_000_000_000,
        };
        let about = || {
            format!(
                "TRACEL_SEED={seed}, line {at}: {}",
                String::from_utf8_lossy(&bytes)
            )
        };
        let line = Line {
            bytes: &bytes,
            place,
            came,
        };
        match remap
            .line(&line)
            .unwrap_or_else(|error| panic!("{error}\n{}", about()))
        {
            Outcome::Row(row) => {
                rows += 1;
                if let Some(fault) = fault(&row) {
                    panic!("{fault} in {row}\n{}", about());
                }
            }
            Outcome::Quarantined(row) => {
                let reason = row["reason"].as_str().expect("a reason").to_owned();
                assert_ne!(reason, "program", "{row}\n{}", about());
                let kept = row["original"].as_str().expect("text");
                if row["encoding"] == "" && !row.to_string().contains("***") {
                    assert_eq!(kept.as_bytes(), bytes, "{}", about());
                }
                *reasons.entry(reason).or_default() += 1;
            }
        }
    }
    let quarantined: usize = reasons.values().sum();
    assert_eq!(rows + quarantined, LINES);
    assert!(rows > LINES / 10, "only {rows} rows");
    for reason in [
        "not_json",
        "no_object",
        "level",
        "envelope",
        "type",
        "enum",
        "missing",
        "event",
        "category",
    ] {
        assert!(reasons.contains_key(reason), "no {reason} among {reasons:?}");
    }
}
