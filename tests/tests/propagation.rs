//! A request's context between services: the headers, the fields that travel, whom to trust, and what is hostile.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use proptest::prelude::*;
use serde_json::Value;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracel::{__private::Trust, Schema, log_info};
use tracel_tests::records;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const EVENT_ID: &str = "0af76519-16cd-43dd-8448-eb211c80319c";

/// A process has one policy, and these tests have several.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn headers(list: &[(&str, &str)]) -> HashMap<String, String> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The record of a service that is called with these headers, and what it sends on.
fn served(
    schema: Schema,
    headers: &HashMap<String, String>,
    peer: Option<IpAddr>,
) -> (Value, HashMap<String, String>) {
    let mut next = HashMap::new();
    let records = records(schema, || {
        let remote = tracel::extract(headers).map(|remote| match peer {
            Some(peer) => remote.from_peer(peer),
            None => remote,
        });
        tracel::request_span(remote).in_scope(|| {
            log_info!(SysLog("served"));
            assert!(tracel::inject(&mut next));
        });
    });
    (records[0].clone(), next)
}

/// How many headers were refused while `run` ran.
fn refused(run: impl FnOnce()) -> u64 {
    let before = tracel::stats().headers_refused;
    run();
    tracel::stats().headers_refused - before
}

#[test]
fn declared_fields_travel_from_service_to_service() {
    #[tracel::instrument(fields(user_id, tenant = "Müller, Söhne & \"Co\""))]
    fn first(user_id: u64, next: &mut HashMap<String, String>) {
        log_info!(SysLog("first"));
        tracel::inject(next);
    }
    let _alone = alone();
    let mut between = headers(&[("baggage", "theirs=1")]);
    let sent = records(SCHEMA, || first(7, &mut between));
    assert!(between["baggage"].starts_with("theirs=1,tenant="), "{between:?}");
    assert!(
        !between["baggage"].contains("user_id"),
        "only what the schema says travels: {between:?}"
    );
    let (second, after) = served(SCHEMA, &between, None);
    assert_eq!(second["event_id"], sent[0]["event_id"]);
    assert_eq!(second["metadata"]["tenant"], "Müller, Söhne & \"Co\"");
    assert_eq!(second["metadata"].get("user_id"), None);
    let (third, _) = served(SCHEMA, &after, None);
    assert_eq!(third["event_id"], sent[0]["event_id"]);
    assert_eq!(third["metadata"]["tenant"], "Müller, Söhne & \"Co\"");
}

#[test]
fn the_tracestate_is_handed_on() {
    let _alone = alone();
    let state = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
    let (_, next) = served(
        SCHEMA,
        &headers(&[("traceparent", PARENT), ("tracestate", state)]),
        None,
    );
    assert_eq!(next["tracestate"], state);
    assert!(next["traceparent"].starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    let bad = format!("a={}", "1".repeat(600));
    let count = refused(|| {
        let (record, next) = served(
            SCHEMA,
            &headers(&[("traceparent", PARENT), ("tracestate", &bad)]),
            None,
        );
        assert_eq!(record["event_id"], EVENT_ID);
        assert_eq!(next.get("tracestate"), None);
    });
    assert_eq!(count, 1);
}

#[test]
fn a_broken_header_begins_a_new_request_and_is_counted() {
    let _alone = alone();
    for text in [
        "hostile".to_owned(),
        PARENT.replace('0', "G"),
        "0".repeat(100_000),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
    ] {
        let count = refused(|| {
            let (record, _) = served(SCHEMA, &headers(&[("traceparent", &text)]), None);
            assert_ne!(record["event_id"], EVENT_ID);
            assert_ne!(record["event_id"], uuid::Uuid::nil().to_string());
        });
        assert_eq!(count, 1, "{text:.80}");
    }
    let none = refused(|| drop(served(SCHEMA, &headers(&[]), None)));
    assert_eq!(none, 0, "no header is no fault");
}

#[test]
fn hostile_baggage_does_no_harm() {
    let _alone = alone();
    let many = "x=1,".repeat(10_000);
    let long = format!("tenant={}", "a".repeat(100_000));
    for text in [many.as_str(), long.as_str(), "tenant=%zz", "tenant=%ff"] {
        let count = refused(|| {
            let (record, next) = served(
                SCHEMA,
                &headers(&[("traceparent", PARENT), ("baggage", text)]),
                None,
            );
            assert_eq!(record["event_id"], EVENT_ID);
            assert_eq!(record["metadata"].get("tenant"), None, "{text:.80}");
            assert_eq!(next.get("baggage"), None);
        });
        assert_eq!(count, 1, "{text:.80}");
    }
}

#[test]
fn the_policy_says_whose_event_id_is_taken_over() {
    let _alone = alone();
    let inside: IpAddr = "10.1.2.3".parse().unwrap();
    let outside: IpAddr = "203.0.113.9".parse().unwrap();
    let networks = Trust::Networks(&["10.0.0.0/8", "fd00::/8"]);
    for (trust, peer, taken) in [
        (Trust::All, None, true),
        (Trust::All, Some(outside), true),
        (Trust::None, Some(inside), false),
        (networks, Some(inside), true),
        (networks, Some(outside), false),
        (networks, None, false),
    ] {
        let given = headers(&[("traceparent", PARENT), ("baggage", "tenant=evil")]);
        let count = refused(|| {
            let (record, _) = served(SCHEMA.trust(trust), &given, peer);
            let here = (
                record["event_id"] == EVENT_ID,
                record["metadata"]["tenant"] == "evil",
            );
            assert_eq!(here, (taken, taken), "{trust:?} {peer:?}");
            assert_eq!(record.get("parent_span_id").is_some(), taken);
        });
        assert_eq!(count, u64::from(!taken), "{trust:?} {peer:?}");
    }
    // A topic that only services of ours write to.
    let records = records(SCHEMA.trust(Trust::None), || {
        let remote = tracel::extract(&headers(&[("traceparent", PARENT)])).unwrap();
        tracel::request_span(Some(remote.vouched())).in_scope(|| log_info!(SysLog("worked")));
    });
    assert_eq!(records[0]["event_id"], EVENT_ID);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_header_makes_a_bad_record(parent in "\\PC{0,80}", state in "\\PC{0,80}", baggage in "(tenant=)?\\PC{0,80}") {
        let _alone = alone();
        for parent in [parent.as_str(), PARENT] {
            let given = headers(&[("traceparent", parent), ("tracestate", &state), ("baggage", &baggage)]);
            let (record, next) = served(SCHEMA, &given, None);
            prop_assert_eq!(record["message"].as_str(), Some("served"));
            prop_assert!(next.values().all(|value| value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))));
        }
    }
}
