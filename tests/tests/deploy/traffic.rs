//! A ClickHouse with the tables as deploy/ makes them, and in them what TraceL logs of a few requests: each record twice, as when
//! Vector was killed between an insert and its commit.

use super::files;
use crate::logs::SCHEMA;
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{Request, StatusCode},
    routing::get,
};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;
use tracel::{log_error, log_info, tower::ServerLayer};
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};
use tracel_dev::testing;
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// The request that fails.
pub(crate) const FAILED: &str = "0af76519-16cd-43dd-8448-eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// How many requests there are besides.
pub(crate) const OTHERS: usize = 3;

#[tracel::instrument(fields(module = "Orders"))]
async fn order(Path(id): Path<String>) -> StatusCode {
    log_info!(SysLog("order read"));
    match id.as_str() {
        "broken" => {
            let error = std::io::Error::other("no disk");
            log_error!(SysLog("no order", error = &error));
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::OK,
    }
}

/// What is in the tables.
pub(crate) struct Traffic {
    pub(crate) store: ClickHouse,
    /// Different records in `logs`.
    pub(crate) records: u64,
    _server: testing::ClickHouse,
}

impl Traffic {
    /// In a database of this name; nothing where there is no ClickHouse and that may be.
    pub(crate) fn new(name: &str) -> Option<Traffic> {
        let server = testing::clickhouse()?;
        let address = server.without(name);
        let store = ClickHouse::new(&address).expect("an address");
        tables(&store);
        let services = ["Payment", "Ledger"];
        for service in services {
            log(&address, service);
        }
        let traffic = Traffic {
            store,
            records: 0,
            _server: server,
        };
        // A late copy is no copy to ClickHouse's own deduplication, since not all of it is the same.
        let again = "INSERT INTO logs SELECT * REPLACE (arrived + INTERVAL 1 SECOND AS arrived) FROM logs";
        traffic.one(again);
        for row in quarantined() {
            traffic.one(&format!("INSERT INTO quarantine FORMAT JSONEachRow {row}"));
            traffic.one(&format!("INSERT INTO quarantine FORMAT JSONEachRow {row} "));
        }
        let records = traffic.one("SELECT uniqExact(uuid) FROM logs");
        assert_eq!(
            traffic
                .one("SELECT count() FROM logs")
                .parse::<u64>()
                .expect("a number"),
            2 * records.parse::<u64>().expect("a number"),
            "each record is there twice"
        );
        Some(Traffic {
            records: records.parse().expect("a number"),
            ..traffic
        })
    }

    /// A statement's answer.
    pub(crate) fn one(&self, sql: &str) -> String {
        let answer = self.store.query(sql, &[]);
        answer
            .unwrap_or_else(|error| panic!("{error}\n{sql}"))
            .trim_end()
            .to_owned()
    }

    /// A query's answer with its columns and their types.
    pub(crate) fn table(&self, sql: &str) -> Table {
        let text = self.one(&format!("{sql}\nFORMAT JSON"));
        let answer: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{sql}"));
        let of = |column: &Value, key: &str| files::word(&column[key]).to_owned();
        Table {
            columns: files::list(&answer["meta"])
                .iter()
                .map(|column| (of(column, "name"), of(column, "type")))
                .collect(),
            rows: files::list(&answer["data"]).to_vec(),
        }
    }
}

/// An answer.
pub(crate) struct Table {
    /// Names and types.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<Value>,
}

impl Table {
    /// A column's numbers; ClickHouse writes those of 64 bits as text.
    pub(crate) fn numbers(&self, column: &str) -> Vec<f64> {
        let number = |row: &Value| match &row[column] {
            Value::String(text) => text.parse().unwrap_or_else(|_| panic!("{column}: {text}")),
            other => other.as_f64().unwrap_or_else(|| panic!("{column}: {other}")),
        };
        self.rows.iter().map(number).collect()
    }

    /// A column's texts.
    pub(crate) fn words(&self, column: &str) -> Vec<&str> {
        self.rows.iter().map(|row| files::word(&row[column])).collect()
    }
}

/// The tables, by the files that migrate.sh takes, and twice, as it may run again.
fn tables(store: &ClickHouse) {
    migrate(store).expect("migrates");
    for _ in 0..2 {
        for file in files::migrations() {
            let text = files::text(&format!("deploy/clickhouse/{file}"));
            for statement in text.split_inclusive(";\n").filter(|text| text.contains(';')) {
                let statement = statement.trim_end().trim_end_matches(';');
                store
                    .query(statement, &[])
                    .unwrap_or_else(|error| panic!("{file}: {error}\n{statement}"));
            }
        }
    }
}

/// A service that serves the requests, straight into the table.
fn log(address: &str, service: &str) {
    let (layer, guard) = tracel::init(SCHEMA)
        .service(service)
        .sink(address)
        .volatile()
        .build()
        .expect("a log");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    dispatcher::with_default(&dispatch, || {
        runtime.block_on(async {
            let router = Router::new()
                .route("/orders/{id}", get(order))
                .layer(ServerLayer::new());
            let request = |id: &str| Request::get(format!("/orders/{id}"));
            for n in 0..OTHERS {
                let request = request(&n.to_string()).body(Body::empty()).expect("a request");
                router.clone().oneshot(request).await.expect("an answer");
            }
            let request = request("broken").header("traceparent", PARENT);
            let request = request.body(Body::empty()).expect("a request");
            router.oneshot(request).await.expect("an answer");
        });
    });
    guard.flush(Duration::from_secs(60)).expect("flushed");
}

/// Rows as Vector writes them for what breaks the schema.
fn quarantined() -> [Value; 2] {
    let row = |reason: &str, detail: &str, offset: u32, original: &str| {
        json!({
            "reason": reason, "detail": detail, "original": original, "encoding": "", "service_name": "Payment",
            "schema": "acme@3", "uuid": "", "topic": "logs", "partition": 0, "offset": offset
        })
    };
    [
        row(
            "type: `amount` is no u64",
            "abc",
            7,
            "{\"metadata\":{\"amount\":\"abc\"}}",
        ),
        row("json: not an object", "", 8, "nonsense"),
    ]
}
