//! TraceL in the place of `tracing`: one service written with each. Both do the same, few lines differ, and with TraceL a
//! request's records belong together, also behind the channel.
#![allow(missing_docs, unreachable_pub)]
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "one of the two is what TraceL replaces"
)]

#[path = "swap/after.rs"]
mod after;
#[path = "swap/before.rs"]
mod before;
mod logs {
    tracel::include_schema!();
}

use axum::{Router, body::Body, body::to_bytes, http::Request};
use logs::SCHEMA;
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use tower::ServiceExt;
use tracel_tests::Kept;
use tracing_subscriber::layer::SubscriberExt;
use uuid::Uuid;

/// Users, in their order: paid, paid at the second attempt, closed, busy for ever.
const USERS: [u64; 4] = [2, 7, 13, 100];

async fn answer(router: &Router, request: Request<Body>) -> (u16, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn post(router: &Router, body: &Value) -> (u16, Value) {
    let request = Request::post("/refunds").header("content-type", "application/json");
    answer(router, request.body(Body::from(body.to_string())).unwrap()).await
}

async fn status(router: &Router, id: Uuid) -> (u16, Value) {
    let request = Request::get(format!("/refunds/{id}"));
    answer(router, request.body(Body::empty()).unwrap()).await
}

/// All that a service answers to one load.
async fn answers(router: &Router) -> Vec<(u16, Value)> {
    let mut answers = vec![post(router, &json!({ "user_id": 1 })).await];
    let ids: Vec<Uuid> = (1..).map(Uuid::from_u128).take(USERS.len()).collect();
    for (&user_id, id) in USERS.iter().zip(&ids) {
        let body =
            json!({ "payment_id": id.to_string(), "user_id": user_id, "amount": 1999, "reason": "late" });
        answers.push(post(router, &body).await);
    }
    for id in ids {
        let mut now = status(router, id).await;
        while now.1["status"] == "waiting" {
            tokio::time::sleep(Duration::from_millis(2)).await;
            now = status(router, id).await;
        }
        answers.push(now);
    }
    answers.push(status(router, Uuid::max()).await);
    answers
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

#[test]
fn both_do_the_same_and_one_can_be_replayed() {
    let (old, old_swept) = run(async {
        let (router, service) = before::service();
        (answers(&router).await, before::sweep(service).await)
    });
    let kept = Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .levels("trace")
        .sink_with(kept.clone())
        .build()
        .unwrap();
    let dispatch = tracing_core::Dispatch::new(tracing_subscriber::registry().with(layer));
    let (new, new_swept) = tracing_core::dispatcher::with_default(&dispatch, || {
        run(async {
            let (router, service) = after::service();
            let router = router.layer(tracel::tower::ServerLayer::new());
            (answers(&router).await, after::sweep(service).await)
        })
    });
    guard.flush(Duration::from_secs(10)).unwrap();
    assert_eq!(old, new);
    assert_eq!((old_swept, new_swept), (2, 2));
    assert_eq!(old[0], (400, json!({ "missing": "payment_id" })));
    assert_eq!(old[7], (200, json!({ "status": "the bank refused the refund" })));

    // Each refund's records, from its request to the worker's last word, have one event_id.
    let mut by_user: HashMap<u64, BTreeSet<(String, String)>> = HashMap::new();
    let records = kept.records();
    for record in &records {
        if let Some(user_id) = record["metadata"]["user_id"].as_u64() {
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            let message = text("message");
            if message != "refund queued again" {
                by_user
                    .entry(user_id)
                    .or_default()
                    .insert((text("event_id"), message));
            }
        }
    }
    for (user_id, last) in [
        (2, "refund paid"),
        (7, "refund paid"),
        (13, "refund failed"),
        (100, "refund failed"),
    ] {
        let ids: BTreeSet<&str> = by_user[&user_id].iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids.len(), 1, "{by_user:?}");
        let messages: BTreeSet<&str> = by_user[&user_id].iter().map(|(_, said)| said.as_str()).collect();
        assert!(
            messages.contains("refund asked") && messages.contains(last),
            "{messages:?}"
        );
    }
    let failed = records
        .iter()
        .find(|record| record["message"] == "refund failed")
        .unwrap();
    assert_eq!(
        failed["metadata"]["error"], "the bank refused the refund: 410 account closed",
        "the whole chain, which tracing's `%` does not tell"
    );
}

/// Counted as `git diff` does: a changed line is taken away and added.
#[test]
fn few_lines_differ() {
    let (before, after) = (include_str!("swap/before.rs"), include_str!("swap/after.rs"));
    let diff = TextDiff::from_lines(before, after);
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|change| change.tag() == tag)
            .count()
    };
    let (removed, added, lines) = (
        count(ChangeTag::Delete),
        count(ChangeTag::Insert),
        before.lines().count(),
    );
    let changed: Vec<String> = diff
        .iter_all_changes()
        .filter(|change| change.tag() == ChangeTag::Insert)
        .map(|change| change.value().to_owned())
        .collect();
    // rustfmt breaks a long log into more lines than one of tracing's.
    assert!(lines > 250, "a service of a few hundred lines, not {lines}");
    assert!(
        removed * 100 <= lines * 11,
        "{removed} of {lines} lines are taken away"
    );
    assert!(
        added * 100 <= lines * 14,
        "{added} lines come to {lines}: {changed:#?}"
    );
    // What differs are the words of logging and of what crosses a boundary, and nothing else.
    let logs = ["log_", "tracel", "WithContext", "in_context", "into_parts"];
    let strange: Vec<&String> = changed
        .iter()
        .filter(|line| line.contains("fn ") && !logs.iter().any(|word| line.contains(word)))
        .collect();
    assert!(strange.is_empty(), "{strange:#?}");
}
