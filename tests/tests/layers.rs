//! Our layer beside others, and other crates' events in our records.
#![allow(missing_docs)]
// This crate plays the part of one that knows nothing of TraceL.
#![allow(clippy::disallowed_macros, clippy::disallowed_methods)]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::json;
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracel::{log_info, log_warn};
use tracel_tests::records;
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::{fmt, layer::SubscriberExt};

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Text {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tracel::instrument(fields(user_id, card, module = "Transaction"))]
fn charge(user_id: u64, card: &str) {
    log_info!(SysLog(
        "charging",
        attempt = 2,
        tags = ["a", "b"],
        card,
        error = &io::Error::other("gone")
    ));
}

#[test]
fn the_fmt_layer_sees_our_records_with_their_fields_and_no_sensitive_value() {
    let (layer, guard, kept) = tracel_tests::layer(SCHEMA);
    let text = Text::default();
    let writer = text.clone();
    let fmt = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    dispatcher::with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer).with(fmt)),
        || {
            charge(7, "4000 1234");
        },
    );
    let seen = text.text();
    for part in [
        "INFO",
        "charging",
        "attempt=2",
        "a",
        "error=gone",
        "card=\"***\"",
        "user_id=7",
        "charge{",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(!seen.contains("4000"), "{seen}");
    guard.flush(Duration::from_secs(10)).unwrap();
    assert!(!kept.text().contains("4000"));
    let record = &kept.records()[0];
    assert_eq!(record["metadata"]["card"], "***");
    assert!(
        seen.contains(&format!("event_id={}", record["event_id"].as_str().unwrap())),
        "{seen}"
    );
}

#[test]
fn an_opentelemetry_layer_sees_our_spans_and_records() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let otel = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let (layer, _guard, _) = tracel_tests::layer(SCHEMA);
    dispatcher::with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer).with(otel)),
        || {
            charge(7, "4000 1234");
        },
    );
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].name, "charge");
    let attribute = |key: &str| {
        spans[0]
            .attributes
            .iter()
            .find(|pair| pair.key.as_str() == key)
            .map(|pair| pair.value.to_string())
    };
    assert_eq!(attribute("user_id").as_deref(), Some("7"));
    assert_eq!(attribute("card").as_deref(), Some("***"));
    assert_eq!(spans[0].events[0].name, "charging");
}

#[test]
fn other_crates_events_are_system_records_with_a_target() {
    let records = records(SCHEMA, || {
        let span = tracing::info_span!("connection", peer = "10.0.0.1", card = "4000", retries = 3);
        let _entered = span.enter();
        tracing::warn!(target: "hyper::client", user_id = "no number", password = "hunter2", "closed {}", 1);
        span.record("retries", 4);
        tracing::info!("again");
    });
    let record = &records[0];
    assert_eq!(record["level"], "WARN");
    assert_eq!(record["message"], "closed 1");
    assert_eq!(record["log_type"], "system");
    assert_eq!(record["target"], "hyper::client");
    assert_eq!(record["metadata"], json!({}));
    assert_eq!(
        record["extra"],
        json!({"user_id": "no number", "peer": "10.0.0.1", "card": "***", "retries": "3"})
    );
    assert_eq!(record["span_name"], "connection");
    assert_eq!(record["schema"], "acme@3");
    assert_ne!(record["event_id"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(records[1]["extra"]["retries"], "4", "a field recorded later wins");
    assert_eq!(records[1]["event_id"], record["event_id"]);
}

#[test]
fn a_field_recorded_late_reaches_the_spans_inside() {
    let records = records(SCHEMA, || {
        let outer = tracing::info_span!("outer", who = tracing::field::Empty);
        outer.in_scope(|| {
            let inner = tracing::info_span!("inner");
            inner.in_scope(|| {
                log_info!(SysLog("before"));
                outer.record("who", "jane");
                log_info!(SysLog("after"));
            });
        });
    });
    assert_eq!(records[0].get("extra"), None);
    assert_eq!(records[1]["extra"], json!({"who": "jane"}));
}

#[test]
fn other_layers_levels_do_not_take_our_records_nor_ours_theirs() {
    let kept = tracel_tests::Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .levels("warn")
        .sink_with(kept.clone())
        .build()
        .unwrap();
    let text = Text::default();
    let writer = text.clone();
    let fmt = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    dispatcher::with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer).with(fmt)),
        || {
            log_info!(SysLog("only theirs"));
            log_warn!(SysLog("both"));
            tracing::info!("only theirs, too");
        },
    );
    guard.flush(Duration::from_secs(10)).unwrap();
    let said: Vec<_> = kept
        .records()
        .iter()
        .map(|record| record["message"].clone())
        .collect();
    assert_eq!(said, ["both"]);
    assert!(text.text().contains("only theirs, too") && text.text().contains("INFO layers: only theirs"));
}

#[test]
fn a_value_that_itself_logs_costs_no_record() {
    struct Chatty;
    impl std::fmt::Display for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            log_info!(SysLog("from within", attempt = 1));
            f.write_str("chatty")
        }
    }
    let records = records(SCHEMA, || {
        log_info!(SysLog("outside", reason = tracel::display(&Chatty), attempt = 2));
        tracing::warn!(value = %Chatty, "foreign");
    });
    let find = |message: &str| {
        records
            .iter()
            .find(|record| record["message"] == message)
            .unwrap()
    };
    assert_eq!(
        find("outside")["metadata"],
        json!({"reason": "chatty", "attempt": 2})
    );
    assert_eq!(find("from within")["metadata"], json!({"attempt": 1}));
    assert_eq!(find("foreign")["extra"], json!({"value": "chatty"}));
}
