//! The layers for tower: a request's root span, its first and its canonical last record, and the call of the next service.
#![allow(
    clippy::disallowed_methods,
    reason = "the server itself serves no request of its own"
)]
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path},
    http::{self, Request, Response, StatusCode},
    routing::{get, post},
};
use logs::SCHEMA;
use serde_json::Value;
use std::{convert::Infallible, future::Future, net::SocketAddr, time::Duration};
use tower::{Layer, Service, ServiceExt, service_fn};
use tracel::{
    __private::Trust,
    Schema, log_error, log_info, log_warn,
    tower::{ClientLayer, ServerLayer},
};
use tracing_subscriber::layer::SubscriberExt;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const EVENT_ID: &str = "0af76519-16cd-43dd-8448-eb211c80319c";

/// What is logged while `run` runs, on this thread.
async fn logged<F: Future>(schema: Schema, run: impl FnOnce() -> F) -> (F::Output, Vec<Value>) {
    let (layer, guard, kept) = tracel_tests::layer(schema);
    let dispatch = tracing_core::Dispatch::new(tracing_subscriber::registry().with(layer));
    let output = {
        let _here = tracing_core::dispatcher::set_default(&dispatch);
        run().await
    };
    guard.flush(Duration::from_secs(60)).unwrap();
    (output, kept.records())
}

#[tracel::instrument(fields(module = "Orders"))]
async fn order(Path(id): Path<String>) -> StatusCode {
    log_info!(SysLog("order read"));
    match id.as_str() {
        "broken" => {
            log_warn!(SysLog("no replica"));
            let error = std::io::Error::other("no disk");
            log_error!(SysLog("no order", error = &error));
            log_error!(SysLog("no copy", error = &error));
            StatusCode::INTERNAL_SERVER_ERROR
        }
        "panic" => panic!("of a test"),
        "slow" => std::future::pending().await,
        _ => StatusCode::OK,
    }
}

async fn fail(_: Request<Body>) -> Result<Response<Body>, std::io::Error> {
    Err(std::io::Error::other("no"))
}

async fn answer(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::empty()))
}

fn router() -> Router {
    Router::new()
        .route("/orders/{id}", get(order))
        .route("/pay", post(async || StatusCode::CREATED))
        .layer(ServerLayer::new())
}

fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("traceparent", PARENT)
        .body(Body::from("the body"))
        .unwrap()
}

fn said(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_request_has_a_first_and_a_canonical_last_record() {
    let (response, records) = logged(SCHEMA, || {
        router().oneshot(request("GET", "/orders/broken?token=planted"))
    })
    .await;
    assert_eq!(response.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    let expected = [
        "request begun",
        "order read",
        "no replica",
        "no order",
        "no copy",
        "request failed",
    ];
    assert_eq!(said(&records), expected);
    for record in &records {
        assert_eq!(record["event_id"], EVENT_ID);
        let text = record.to_string();
        assert!(
            !text.contains("planted") && !text.contains("the body"),
            "neither query nor body: {text}"
        );
    }
    let (first, last) = (&records[0], &records[5]);
    assert_eq!(first["metadata"]["http_method"], "GET");
    assert_eq!(first["metadata"]["http_route"], "/orders/{id}");
    assert_eq!(first["level"], "INFO");
    assert_eq!(first["parent_span_id"], "b7ad6b7169203331", "the caller's span");
    assert_eq!(
        records[1]["parent_span_id"], first["span_id"],
        "the handler's span hangs on the request's"
    );
    assert_eq!(
        first["schema"], "acme@3",
        "TraceL's records carry the process's schema"
    );
    assert_eq!(last["level"], "ERROR");
    assert_eq!(last["event_name"], "tracel_request_ended");
    let metadata = &last["metadata"];
    assert_eq!(metadata["http_method"], "GET");
    assert_eq!(metadata["http_route"], "/orders/{id}");
    assert_eq!(metadata["http_status"], 500);
    assert!(metadata["http_duration"].as_u64().unwrap() > 0);
    assert_eq!(
        (
            &metadata["tracel_records"],
            &metadata["tracel_warnings"],
            &metadata["tracel_errors"]
        ),
        (&4.into(), &1.into(), &2.into())
    );
}

#[tracel::instrument(fields(module = "SignIn"))]
async fn sign_in() {
    log_info!(SysLog("nobody yet"));
    tracel::record!(user_id = 7u64, card = "4000 1234");
    tracel::spawn(async { log_info!(SysLog("known in a task")) })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_learns_who_its_user_is() {
    tracel::record!(user_id = 1u64); // outside any request: nothing happens
    let router = Router::new()
        .route("/sign-in", post(sign_in))
        .layer(ServerLayer::new());
    let (_, records) = logged(SCHEMA, || router.oneshot(request("POST", "/sign-in"))).await;
    let users: Vec<_> = records
        .iter()
        .map(|record| record["metadata"].get("user_id").and_then(Value::as_u64))
        .collect();
    assert_eq!(
        said(&records),
        ["request begun", "nobody yet", "known in a task", "request ended"]
    );
    assert_eq!(users, [None, None, Some(7), Some(7)]);
    assert_eq!(records[3]["metadata"]["card"], "***", "under its class");
}

#[tokio::test]
async fn a_good_request_and_one_that_matches_nothing() {
    let (_, records) = logged(SCHEMA, || async {
        router().oneshot(request("POST", "/pay")).await.unwrap();
        router()
            .oneshot(request("BREW", "/nowhere/secret"))
            .await
            .unwrap();
    })
    .await;
    assert_eq!(said(&records[..2]), ["request begun", "request ended"]);
    assert_eq!(records[1]["level"], "INFO");
    assert_eq!(records[1]["metadata"]["http_status"], 201);
    let lost = &records[2..];
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert_eq!(lost[1]["metadata"]["http_status"], 404);
    assert_eq!(lost[1]["metadata"]["http_method"], "_OTHER");
    assert_eq!(lost[1]["metadata"].get("http_route"), None);
    assert!(
        !lost[1].to_string().contains("nowhere"),
        "a path may hold anything"
    );
}

#[tokio::test]
async fn a_request_that_does_not_end_says_why() {
    let ((), records) = logged(SCHEMA, || async {
        let slow = router().oneshot(request("GET", "/orders/slow"));
        tokio::time::timeout(Duration::from_millis(20), slow)
            .await
            .unwrap_err();
        let failing = ServerLayer::new().layer(service_fn(fail));
        failing.oneshot(request("GET", "/")).await.unwrap_err();
    })
    .await;
    let ends: Vec<_> = records
        .iter()
        .filter(|record| record["event_name"] == "tracel_request_ended")
        .collect();
    assert_eq!(ends[0]["message"], "request given up by its client");
    assert_eq!(ends[0]["level"], "WARN");
    assert_eq!(ends[0]["metadata"].get("http_status"), None);
    assert_eq!(ends[1]["message"], "request broke off");
    assert_eq!(ends[1]["level"], "ERROR");
}

#[tokio::test]
async fn a_panic_is_told() {
    let (result, records) = logged(SCHEMA, || async {
        let task = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(
            router().oneshot(request("GET", "/orders/panic")),
        ));
        task.await
    })
    .await;
    assert!(result.is_err());
    let last = records.last().unwrap();
    assert_eq!(
        (&last["message"], &last["level"]),
        (&"request panicked".into(), &"ERROR".into())
    );
    assert_eq!(last["event_id"], EVENT_ID);
}

#[tokio::test]
async fn the_records_can_be_left_out() {
    let layer = ServerLayer::new().without_records();
    let router = Router::new().route("/orders/{id}", get(order)).layer(layer);
    let (_, records) = logged(SCHEMA, || router.oneshot(request("GET", "/orders/7"))).await;
    assert_eq!(said(&records), ["order read"]);
    assert_eq!(
        records[0]["parent_span_id"], "b7ad6b7169203331",
        "a span without records is no parent"
    );
}

#[tokio::test]
async fn the_next_service_joins_the_request() {
    let first = Router::new()
        .route(
            "/",
            get(async || {
                log_info!(SysLog("calling"));
                let mut client = ClientLayer::new().layer(router());
                let request = Request::get("/orders/7").body(Body::empty()).unwrap();
                client.call(request).await.unwrap().status()
            }),
        )
        .layer(ServerLayer::new());
    let (_, records) = logged(SCHEMA, || {
        first.oneshot(Request::get("/").body(Body::empty()).unwrap())
    })
    .await;
    let begun: Vec<_> = records
        .iter()
        .filter(|record| record["message"] == "request begun")
        .collect();
    assert_eq!(begun.len(), 2);
    assert_eq!(begun[0]["event_id"], begun[1]["event_id"]);
    assert_eq!(begun[1]["parent_span_id"], begun[0]["span_id"]);
}

#[tokio::test]
async fn a_client_of_reqwest_takes_it_along() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router()).await });
    let client = reqwest_middleware::ClientBuilder::new(reqwest_middleware::reqwest::Client::new())
        .with(tracel::propagate::reqwest::Propagate)
        .build();
    let (_, records) = logged(SCHEMA, || {
        let span = tracel::request_span(None);
        let call = async {
            log_info!(SysLog("calling"));
            let answer = client.get(format!("http://{address}/orders/7")).send().await;
            assert_eq!(answer.unwrap().status().as_u16(), 200);
        };
        tracing::Instrument::instrument(call, span)
    })
    .await;
    server.abort();
    let begun = &records[1];
    assert_eq!(begun["message"], "request begun");
    assert_eq!(begun["event_id"], records[0]["event_id"]);
}

#[tokio::test]
async fn the_peer_is_whom_axum_says() {
    let schema = SCHEMA.trust(Trust::Networks(&["10.0.0.0/8"]));
    for (peer, taken) in [("10.9.8.7:5", true), ("192.0.2.1:5", false)] {
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request = request("GET", "/orders/7");
        request.extensions_mut().insert(ConnectInfo(peer));
        let (_, records) = logged(schema, || router().oneshot(request)).await;
        assert_eq!(records[0]["event_id"] == EVENT_ID, taken, "{peer}");
    }
}

#[tokio::test]
async fn a_grpc_path_is_a_route() {
    let service = ServerLayer::new().layer(service_fn(answer));
    let mut call = request("POST", "/shop.Ledger/Book");
    call.headers_mut()
        .insert("content-type", "application/grpc+proto".parse().unwrap());
    let (_, records) = logged(SCHEMA, || service.oneshot(call)).await;
    assert_eq!(records[1]["metadata"]["http_route"], "/shop.Ledger/Book");
}

/// The blocks of docs/context.md, as they stand there: a server, whose handler calls another one and is handed an order.
#[tokio::test]
async fn the_page_of_context_shows_what_this_test_does() {
    #[rustfmt::skip]
    fn app() -> Router {
let app = Router::new().route("/pay/{id}", post(pay)).layer(tracel::tower::ServerLayer::new()); // axum
        app
    }
    #[rustfmt::skip]
    async fn pay(Path(user_id): Path<u64>) -> StatusCode {
let mut headers = http::HeaderMap::new(); // of a call, or a map of strings for what is no HTTP
tracel::inject(&mut headers);
        assert!(headers["traceparent"].to_str().unwrap().starts_with(&PARENT[..36]));
        let order = tracel::WithContext::new(user_id);
log_info!(context: order.context(), UserLog(user_id, "order taken up"));
        StatusCode::OK
    }
    let (answer, records) = logged(SCHEMA, || app().oneshot(request("POST", "/pay/7"))).await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    let order = records
        .iter()
        .find(|record| record["message"] == "order taken up")
        .unwrap();
    assert_eq!(order["event_id"], EVENT_ID);

    let (page, own) = (include_str!("../../docs/context.md"), include_str!("server.rs"));
    let blocks: Vec<&str> = page
        .split("```rust,ignore\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 2);
    for line in blocks.iter().flat_map(|block| block.lines()) {
        assert!(own.contains(&format!("\n{line}\n")), "the test has no {line}");
    }
}
