//! One request, one event_id; spans' fields; records outside any request.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use serde_json::{Value, json};
use std::collections::HashMap;
use tracel::{log_info, log_warn};
use tracel_tests::records;
use uuid::Uuid;

fn id(record: &Value) -> &str {
    record["event_id"].as_str().unwrap()
}

#[tracel::instrument(fields(module = "Outer", user_id, tenant = "outer"))]
fn outer(user_id: u64, inner: impl FnOnce()) {
    log_info!(SysLog("outer", reason = "event"));
    inner();
}

#[tracel::instrument(fields(event_id = %generate_event_id(), tenant = "inner"))]
fn inner() {
    log_info!(SysLog("inner"));
    log_info!(SysLog("shadows", tenant = "event", user_id = 9u64));
}

#[tracel::instrument(root, fields(module = "Job"))]
fn another_request() {
    log_info!(SysLog("another"));
}

#[test]
fn a_request_has_one_event_id() {
    let records = records(SCHEMA, || {
        outer(7, || {
            inner();
            another_request();
        });
        outer(8, || ());
    });
    assert_eq!(
        id(&records[0]),
        id(&records[1]),
        "an inner event_id yields to the current one"
    );
    assert_eq!(id(&records[0]), id(&records[2]));
    assert_ne!(id(&records[0]), id(&records[3]), "`root` begins a new request");
    assert_ne!(
        id(&records[0]),
        id(&records[4]),
        "each root span without an event_id makes one"
    );
    assert_eq!(records[3].get("parent_span_id"), None);
    assert_eq!(records[1]["parent_span_id"], records[0]["span_id"]);
    assert_eq!(
        records[1]["module_name"], "Outer",
        "a span without a module has its parent's"
    );
    assert_eq!(records[3]["module_name"], "Job");
}

#[test]
fn an_event_id_that_is_given_to_a_root_span_holds() {
    #[tracel::instrument(fields(event_id = %given))]
    fn handler(given: Uuid) {
        log_info!(SysLog("here"));
    }
    let given = Uuid::new_v4();
    let records = records(SCHEMA, || {
        handler(given);
        handler(Uuid::nil());
    });
    assert_eq!(id(&records[0]), given.to_string());
    assert_ne!(id(&records[1]), Uuid::nil().to_string(), "that is no request's");
}

#[test]
fn no_key_twice_and_the_innermost_wins() {
    let records = records(SCHEMA, || outer(7, inner));
    assert_eq!(
        records[0]["metadata"],
        json!({"reason": "event", "user_id": 7, "tenant": "outer"})
    );
    assert_eq!(records[1]["metadata"], json!({"tenant": "inner", "user_id": 7}));
    assert_eq!(records[2]["metadata"], json!({"tenant": "event", "user_id": 9}));
}

#[test]
fn a_record_outside_any_span_is_an_orphan_and_counted() {
    let before = tracel::stats().orphaned;
    let records = records(SCHEMA, || log_warn!(SysLog("alone")));
    assert_eq!(id(&records[0]), Uuid::nil().to_string());
    assert_eq!(records[0]["module_name"], module_path!());
    assert!(tracel::stats().orphaned > before);
}

/// A worker that is no request's, or another's, names the one that a log belongs to.
#[test]
fn a_log_that_names_a_context_belongs_to_it() {
    #[tracel::instrument(fields(module = "Shop", event_id = id, user_id))]
    fn ask(id: Uuid, user_id: u64) -> tracel::WithContext<u64> {
        tracel::WithContext::new(user_id)
    }
    #[tracel::instrument(root)]
    fn work(orders: &[tracel::WithContext<u64>]) {
        for order in orders {
            let mut evaluated = 0;
            log_warn!(context: order.context(), SysLog("taken up", attempt = { evaluated += 1; evaluated }));
            log_warn!(SysLog("my own"));
            log_warn!(context: tracel::Context::current(), SysLog("my own"));
            assert_eq!(evaluated, 1);
        }
    }
    let ids = [Uuid::new_v4(), Uuid::new_v4()];
    let records = records(SCHEMA, || {
        let orders = [ask(ids[0], 1), ask(ids[1], 2)];
        let none = tracel::Context::current();
        work(&orders);
        log_warn!(context: orders[0].context(), SysLog("from outside"));
        log_warn!(SysLog("outside"));
        orders[0]
            .context()
            .in_scope(|| log_warn!(context: none, SysLog("outside")));
    });
    let of = |message: &str| -> Vec<&Value> {
        let is_it = |record: &&Value| record["message"] == message;
        records.iter().filter(is_it).collect()
    };
    for (nth, record) in of("taken up").iter().enumerate() {
        assert_eq!(id(record), ids[nth].to_string());
        assert_eq!(record["metadata"]["user_id"], nth + 1);
        assert_eq!(record["module_name"], "Shop");
    }
    let own: Vec<&str> = of("my own").iter().map(|record| id(record)).collect();
    assert_eq!(own, vec![own[0]; 4]);
    assert!(!ids.iter().any(|id| id.to_string() == own[0]));
    assert_eq!(id(of("from outside")[0]), ids[0].to_string());
    let outside: Vec<&str> = of("outside").iter().map(|record| id(record)).collect();
    assert_eq!(outside, [Uuid::nil().to_string(), Uuid::nil().to_string()]);
}

/// `err`: once, where the error left the function that has it, with its chain, at the schema's level for errors; and what
/// the function was called for under its class.
#[test]
fn an_error_is_recorded_once_with_its_chain() {
    #[derive(Debug)]
    struct NotCharged(std::io::Error);
    impl std::fmt::Display for NotCharged {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("not charged")
        }
    }
    impl std::error::Error for NotCharged {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    #[tracel::instrument(err, fields(user_id, card))]
    fn charge(user_id: u64, card: &str) -> Result<(), NotCharged> {
        log_info!(SysLog("charging"));
        Err(NotCharged(std::io::Error::other("the line is dead")))
    }
    // What only passes it on does not tell it again.
    #[tracel::instrument(skip_all)]
    fn pay() -> Result<(), NotCharged> {
        charge(7, "4111")
    }
    let records = records(SCHEMA, || assert!(pay().is_err()));
    let said: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record["level"].as_str().unwrap(),
                record["message"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said, [("INFO", "charging"), ("ERROR", "charge failed")]);
    assert_eq!(
        records[1]["metadata"],
        json!({"user_id": 7, "card": "***", "error": "not charged: the line is dead"})
    );
    assert_eq!(records[0]["metadata"], json!({"user_id": 7, "card": "***"}));
    assert_eq!(records[0]["span_id"], records[1]["span_id"]);
}

#[test]
fn the_context_is_there_at_every_level() {
    let kept = tracel_tests::Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .levels("error")
        .sink_with(kept.clone())
        .build()
        .unwrap();
    use tracing_subscriber::layer::SubscriberExt;
    let dispatch = tracing_core::Dispatch::new(tracing_subscriber::registry().with(layer));
    tracing_core::dispatcher::with_default(&dispatch, || {
        outer(7, || {
            tracel::log_error!(SysLog("failed", error = &std::io::Error::other("gone")))
        });
    });
    guard.flush(std::time::Duration::from_secs(10)).unwrap();
    let records = kept.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["module_name"], "Outer");
    assert_ne!(id(&records[0]), Uuid::nil().to_string());
}

#[tokio::test]
async fn a_spawned_task_carries_it() {
    #[tracel::instrument(fields(user_id))]
    async fn handler(user_id: u64) {
        log_info!(SysLog("before"));
        let task = tracel::spawn(async {
            tokio::task::yield_now().await;
            log_info!(SysLog("task"));
        });
        let blocking = tracel::spawn_blocking(|| log_info!(SysLog("blocking")));
        let thread = tracel::thread::spawn(|| log_info!(SysLog("thread")));
        task.await.unwrap();
        blocking.await.unwrap();
        thread.join().unwrap();
        log_info!(SysLog("after"));
    }
    let (layer, guard, kept) = tracel_tests::layer(SCHEMA);
    use tracing_subscriber::layer::SubscriberExt;
    // Threads of the test's own must see it too.
    tracing_core::dispatcher::set_global_default(tracing_core::Dispatch::new(
        tracing_subscriber::registry().with(layer),
    ))
    .unwrap();
    tokio::join!(handler(1), handler(2));
    guard.flush(std::time::Duration::from_secs(10)).unwrap();
    let mut requests: HashMap<String, Vec<Value>> = HashMap::new();
    let of_users = kept
        .records()
        .into_iter()
        .filter(|record| record["metadata"].get("user_id").is_some());
    for record in of_users.filter(|record| record["span_name"] == "handler") {
        requests.entry(id(&record).to_owned()).or_default().push(record);
    }
    assert_eq!(requests.len(), 2);
    for records in requests.values() {
        let mut said: Vec<_> = records
            .iter()
            .map(|record| record["message"].as_str().unwrap())
            .collect();
        said.sort_unstable();
        assert_eq!(said, ["after", "before", "blocking", "task", "thread"]);
        assert!(
            records
                .iter()
                .all(|record| record["metadata"]["user_id"] == records[0]["metadata"]["user_id"])
        );
        let task = records.iter().find(|record| record["message"] == "task").unwrap();
        assert!(task["task"].is_u64(), "{task}");
    }
}

#[test]
fn traceparent_carries_it_to_the_next_service() {
    let mut headers = HashMap::new();
    assert!(
        !tracel::inject(&mut headers),
        "outside any request there is nothing to carry"
    );
    let sent = records(SCHEMA, || {
        outer(7, || {
            assert!(tracel::inject(&mut headers));
        });
    });
    let remote = tracel::extract(&headers).expect("what we write we read");
    assert_eq!(remote.event_id().to_string(), id(&sent[0]));
    let received = records(SCHEMA, || {
        tracel::request_span(Some(remote.clone())).in_scope(inner)
    });
    assert_eq!(id(&received[0]), id(&sent[0]));
    let entry = records(SCHEMA, || {
        tracel::request_span(Some(remote)).in_scope(|| log_info!(SysLog("entry")))
    });
    assert_eq!(entry[0]["parent_span_id"], sent[0]["span_id"]);
    assert_eq!(entry[0]["span_name"], "request");
}

#[tokio::test]
async fn the_server_layer_takes_it_over() {
    use tower::ServiceExt;
    async fn handler() -> String {
        let mut next = HashMap::new();
        tracel::inject(&mut next);
        next["traceparent"].clone()
    }
    let (layer, _guard, _) = tracel_tests::layer(SCHEMA);
    use tracing_subscriber::layer::SubscriberExt;
    let subscriber = tracing_subscriber::registry().with(layer);
    let _here = tracing_core::dispatcher::set_default(&tracing_core::Dispatch::new(subscriber));
    let router = axum::Router::new()
        .route("/", axum::routing::get(handler))
        .layer(tracel::tower::ServerLayer::new());
    let get = async |traceparent: Option<&str>| {
        let mut request = axum::http::Request::builder().uri("/");
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        let response = router
            .clone()
            .oneshot(request.body(axum::body::Body::empty()).unwrap())
            .await
            .unwrap();
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()[3..35].to_owned()
    };
    let given = "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(get(Some(&format!("00-{given}-b7ad6b7169203331-01"))).await, given);
    assert_ne!(get(None).await, get(None).await);
    assert_ne!(get(Some("00-hostile")).await, given);
}
