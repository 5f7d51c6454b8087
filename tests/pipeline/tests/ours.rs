//! What TraceL itself writes, hostile values and cut records too, is a row: nothing of it ends in quarantine.
#![allow(
    missing_docs,
    clippy::disallowed_macros,
    reason = "what other crates log is part of it"
)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, Rare, SCHEMA, Settled};
use serde_json::{Value, json};
use std::{
    error::Error,
    io,
    net::IpAddr,
    path::Path,
    time::{Duration, SystemTime},
};
use tracel::{Uuid, log, log_debug, log_error, log_info};
use tracel_pipeline::remap::{Line, Outcome, Remap};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

#[tracel::instrument(fields(module = "Transaction", tenant = "acme", card = "4111"), err)]
fn request() -> Result<(), io::Error> {
    log!(PaymentCaptured {
        user_id: u64::MAX,
        payment_id: Uuid::from_u128(7),
        amount: u64::MAX,
        currency: Currency::Usd
    });
    log!(Settled {});
    let error = io::Error::other("gone");
    log!(Rare { error: &error });
    for amount in [0, i64::MAX as u64, i64::MAX as u64 + 1] {
        log_info!(UserLog(7, "a number", amount));
    }
    for ratio in [0.0, -1.5, 1e300, f64::NAN, f64::INFINITY] {
        log_info!(SysLog(
            "a ratio",
            ratio,
            balance = i64::MIN,
            small = -128,
            ok = true
        ));
    }
    for due in [
        SystemTime::now(),
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH - 370 * YEAR,
    ] {
        log_info!(SysLog("a time", due));
    }
    for took in [Duration::ZERO, Duration::from_nanos(u64::MAX), Duration::MAX] {
        log_info!(SysLog("a time that it took", took));
    }
    log_error!(UserLog(
        1,
        "all at once",
        error = &error,
        client = IpAddr::from([127, 0, 0, 1]),
        digest = b"\0\xff",
        items = [1, 2],
        tags = ["", "2026-11-22"],
        payload = json!({ "a.b": 1, "a": { "b": 2 } })
    ));
    // Longer than a record may be: strings are cut, and then whole fields go.
    let (long, digest) = ("x".repeat(100_000), vec![7_u8; 100_000]);
    log_info!(UserLog(1, "a long text", reason = &long));
    log_info!(UserLog(1, "long bytes", digest = &digest[..]));
    log_info!(UserLog(1, "a long list", items = &vec![7_u32; 40_000][..]));
    // What is open may be anything, and so may what other crates say under a declared name.
    log_debug!(SysLog("open", nobody_s = 7));
    tracing::warn!(target: "other", amount = "no number", currency = 7, user_id = true, due = "noon", "from another crate");
    Err(error)
}

#[test]
fn what_is_logged_is_a_row() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("log.ndjson");
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(format!("file://{}", file.display()))
        .levels("debug")
        .volatile()
        .build()?;
    let subscriber = tracing_subscriber::registry().with(layer);
    dispatcher::with_default(&Dispatch::new(subscriber), request).expect_err("it fails");
    guard
        .flush(Duration::from_secs(30))
        .map_err(|error| format!("{error:?}"))?;
    // Its end is a census.
    drop(guard);
    let text = std::fs::read_to_string(&file)?;

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas =
        tracel_cli::generate::read(&[root.join("schema.toml")]).map_err(|faults| faults.join("\n"))?;
    let files = tracel_cli::generate::files(&schemas);
    let program = |name: &str| {
        files
            .iter()
            .find(|file| file.path.ends_with(name))
            .map(|file| &file.text[..])
    };
    let remap = Remap::new(
        program("tracel.vrl").unwrap_or(""),
        program("quarantine.vrl").unwrap_or(""),
    )?;
    let came = i64::try_from(SystemTime::UNIX_EPOCH.elapsed()?.as_millis())?;

    let mut rows = Vec::new();
    for line in text.lines() {
        match remap.line(&Line {
            bytes: line.as_bytes(),
            place: None,
            came,
        })? {
            Outcome::Row(row) => {
                let record: Value = serde_json::from_str(line)?;
                for key in [
                    "timestamp",
                    "level",
                    "uuid",
                    "event_id",
                    "message",
                    "schema",
                    "source",
                    "instance",
                ] {
                    let said = record.get(key).cloned().unwrap_or_else(|| "".into());
                    assert_eq!(row[key], said, "{key} of {line}");
                }
                rows.push(row);
            }
            Outcome::Quarantined(row) => panic!("{} {}: {line}", row["reason"], row["detail"]),
        }
    }
    let of = |message: &str| {
        rows.iter()
            .find(|row| row["message"] == message)
            .unwrap_or_else(|| panic!("no row {message:?}"))
    };
    assert!(rows.len() > 22, "only {} rows", rows.len());
    assert!(
        rows.iter().any(|row| row["event_name"] == "tracel_census"),
        "no census"
    );
    assert_eq!(
        of("payment captured")["metadata"]["amount"],
        "18446744073709551615"
    );
    assert_eq!(of("payment captured")["metadata"]["card"], "***");
    assert_eq!(of("open")["extra"]["nobody_s"], "7");
    assert_eq!(of("from another crate")["extra"]["amount"], "no number");
    assert_eq!(
        of("all at once")["metadata"]["payload"],
        "{\"a\":{\"b\":2},\"a.b\":1}"
    );
    let kept = rows
        .iter()
        .filter(|row| row["extra"]["took"] == Duration::MAX.as_nanos().to_string());
    assert_eq!(kept.count(), 1);
    Ok(())
}
