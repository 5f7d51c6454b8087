//! Beside OpenTelemetry's layer, trace ids and event_ids agree, whoever began the request and whichever layer comes first.
#![allow(missing_docs)]
#![allow(clippy::disallowed_macros, reason = "what other crates log is under test")]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::Value;
use std::{collections::HashMap, time::Duration};
use tracel::{log_info, otel};
use tracing_core::{Dispatch, dispatcher};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use uuid::Uuid;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// What both layers made of `run`: once with ours first, once with OpenTelemetry's.
fn both(sampler: otel::Sampler, run: impl Fn()) -> [(Vec<Value>, Vec<SpanData>); 2] {
    [true, false].map(|ours_first| {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_id_generator(otel::IdGenerator::default())
            .with_sampler(sampler)
            .with_simple_exporter(exporter.clone())
            .build();
        let tracer = provider.tracer("test");
        let (layer, guard, kept) = tracel_tests::layer(SCHEMA);
        let dispatch = match ours_first {
            true => Dispatch::new(
                tracing_subscriber::registry()
                    .with(layer)
                    .with(tracing_opentelemetry::layer().with_tracer(tracer)),
            ),
            false => Dispatch::new(
                tracing_subscriber::registry()
                    .with(tracing_opentelemetry::layer().with_tracer(tracer))
                    .with(layer),
            ),
        };
        dispatcher::with_default(&dispatch, &run);
        guard.flush(Duration::from_secs(60)).unwrap();
        (kept.records(), exporter.get_finished_spans().unwrap())
    })
}

fn all() -> otel::Sampler {
    otel::Sampler::ratio(1.0)
}

fn event_id(record: &Value) -> Uuid {
    record["event_id"].as_str().unwrap().parse().unwrap()
}

fn trace_id(span: &SpanData) -> Uuid {
    Uuid::from_bytes(span.span_context.trace_id().to_bytes())
}

#[tracel::instrument]
fn inner() {
    log_info!(SysLog("inner"));
}

#[tracel::instrument(fields(module = "Outer"))]
fn outer() {
    log_info!(SysLog("outer"));
    inner();
}

#[tracel::instrument(root)]
fn another() {
    log_info!(SysLog("another"));
}

#[test]
fn a_request_of_ours_is_a_trace_of_theirs() {
    for (records, spans) in both(all(), outer) {
        assert_eq!((records.len(), spans.len()), (2, 2));
        let id = event_id(&records[0]);
        assert_eq!(id.get_version_num(), 7);
        assert!(records.iter().all(|record| event_id(record) == id));
        assert!(spans.iter().all(|span| trace_id(span) == id), "{spans:?}");
        let (inner, outer) = (&spans[0], &spans[1]);
        assert_eq!(inner.parent_span_id, outer.span_context.span_id());
        assert_eq!(
            outer.parent_span_id,
            SpanId::INVALID,
            "a new request has no parent"
        );
    }
}

#[test]
fn a_nested_root_is_a_trace_of_its_own() {
    #[tracel::instrument]
    fn handler() {
        log_info!(SysLog("handler"));
        another();
    }
    for (records, spans) in both(all(), handler) {
        assert_ne!(event_id(&records[0]), event_id(&records[1]));
        assert_eq!(event_id(&records[1]), trace_id(&spans[0]));
        assert_eq!(event_id(&records[0]), trace_id(&spans[1]));
        assert_eq!(spans[0].parent_span_id, SpanId::INVALID);
    }
}

#[test]
fn what_comes_over_the_wire_joins_both() {
    let headers = HashMap::from([
        ("traceparent".to_owned(), PARENT.to_owned()),
        ("tracestate".to_owned(), "congo=t61rcWkgMzE".to_owned()),
    ]);
    let run = || tracel::request_span(tracel::extract(&headers)).in_scope(outer);
    for (records, spans) in both(all(), run) {
        assert!(
            records
                .iter()
                .all(|record| event_id(record).simple().to_string() == TRACE)
        );
        assert!(
            spans
                .iter()
                .all(|span| trace_id(span).simple().to_string() == TRACE)
        );
        let request = spans.last().unwrap();
        assert_eq!(request.name, "request");
        assert_eq!(request.parent_span_id.to_string(), "b7ad6b7169203331");
        assert_eq!(
            request.span_context.trace_state().get("congo"),
            Some("t61rcWkgMzE")
        );
    }
}

#[test]
fn a_request_that_their_propagator_brought_is_ours() {
    let remote = SpanContext::new(
        TraceId::from_hex(TRACE).unwrap(),
        SpanId::from_hex("b7ad6b7169203331").unwrap(),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let remote = Context::new().with_remote_span_context(remote);
    // Attached to the thread, under an instrumented function.
    let attached = || {
        let _attached = remote.clone().attach();
        outer();
    };
    // Set as the parent of a span of `tracing`, as their middleware does.
    let on_a_span = || {
        let span = tracing::info_span!("theirs");
        span.set_parent(remote.clone()).unwrap();
        let _entered = span.enter();
        tracing::info!("their event");
        outer();
    };
    let runs: [&dyn Fn(); 2] = [&attached, &on_a_span];
    for run in runs {
        for (records, spans) in both(all(), run) {
            assert!(!records.is_empty());
            for record in &records {
                assert_eq!(event_id(record).simple().to_string(), TRACE, "{record}");
            }
            assert!(
                spans
                    .iter()
                    .all(|span| trace_id(span).simple().to_string() == TRACE)
            );
        }
    }
}

/// A span of another crate's that begins a request: OpenTelemetry draws the id, and it is an event_id.
#[test]
fn a_span_of_another_crates_agrees() {
    for (records, spans) in both(all(), || tracing::info_span!("theirs").in_scope(outer)) {
        let id = event_id(&records[0]);
        assert_eq!(id.get_version_num(), 7);
        assert!(records.iter().all(|record| event_id(record) == id));
        assert!(spans.iter().all(|span| trace_id(span) == id));
    }
}

#[test]
fn what_is_sampled_is_said_to_the_next_service() {
    for (ratio, flag) in [(1.0, "01"), (0.0, "00")] {
        let sent = std::sync::Mutex::new(Vec::new());
        let runs = both(otel::Sampler::ratio(ratio), || {
            let span = tracel::request_span(None);
            span.in_scope(|| {
                log_info!(SysLog("calling"));
                let mut headers = HashMap::new();
                tracel::inject(&mut headers);
                sent.lock().unwrap().push(headers["traceparent"].clone());
            });
        });
        for ((records, spans), sent) in runs.iter().zip(sent.into_inner().unwrap()) {
            assert_eq!(spans.len(), ratio as usize);
            assert_eq!(records.len(), 1, "the log takes every record");
            assert_eq!(&sent[3..35], event_id(&records[0]).simple().to_string());
            assert_eq!(&sent[53..], flag);
        }
    }
    // Without a tracing system the caller's word is handed on.
    let given = HashMap::from([("traceparent".to_owned(), PARENT.replace("-01", "-00"))]);
    let mut next = HashMap::new();
    tracel_tests::records(SCHEMA, || {
        tracel::request_span(tracel::extract(&given)).in_scope(|| tracel::inject(&mut next));
    });
    assert!(next["traceparent"].ends_with("-00"), "{next:?}");
}
