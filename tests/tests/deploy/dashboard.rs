//! Every query of the dashboard, run.

use super::{
    files::{list, text, word},
    plugin::View,
    traffic::{FAILED, OTHERS, Table, Traffic},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

/// What each panel's answer consists of.
const PANELS: [(&str, &[&str]); 11] = [
    ("Records by service", &["time", "service", "records"]),
    ("Records by level", &["time", "level", "records"]),
    ("Errors a minute, by event", &["time", "event", "errors"]),
    (
        "Share of requests with an error, by event",
        &["service", "event", "errors", "requests", "share", "last_request"],
    ),
    (
        "Slowest requests",
        &[
            "time", "service", "method", "route", "status", "duration", "request",
        ],
    ),
    ("How long requests take", &["time", "median", "p99"]),
    (
        "Replay of one request",
        &[
            "time", "level", "service", "module", "span", "message", "metadata", "extra", "source",
        ],
    ),
    ("Quarantined, by reason", &["time", "reason", "records"]),
    (
        "Quarantine",
        &[
            "reason", "service", "schema", "records", "last", "detail", "example",
        ],
    ),
    ("Lag", &["time", "median", "p99", "longest"]),
    ("Lag by service, the 99th percentile", &["time", "service", "lag"]),
];

fn dashboard() -> Value {
    serde_json::from_str(&text("deploy/grafana/dashboards/tracel.json")).expect("JSON")
}

/// The panels that ask something, by their titles.
fn panels(dashboard: &Value) -> BTreeMap<&str, &Value> {
    let all = list(&dashboard["panels"]).iter();
    all.filter(|panel| panel["type"] != "row")
        .map(|panel| (word(&panel["title"]), panel))
        .collect()
}

fn query(panel: &Value) -> &str {
    let [target] = list(&panel["targets"]) else {
        panic!("one query a panel: {panel}")
    };
    word(&target["rawSql"])
}

/// The last hour, and the next, for what the clock does meanwhile.
fn view() -> View {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    View {
        from: now - 3600,
        to: now + 3600,
        interval: 60,
        services: vec![],
        event_id: FAILED.into(),
    }
}

/// That a time series has a time, then at most one name, then numbers.
fn is_series(title: &str, table: &Table) {
    let types: Vec<&str> = table.columns.iter().map(|(_, ty)| ty.as_str()).collect();
    assert!(types[0].starts_with("DateTime"), "{title}: {types:?}");
    let numbers = &types[if types[1].contains("String") { 2 } else { 1 }..];
    let is_number = |ty: &&str| ["UInt", "Int", "Float"].iter().any(|start| ty.starts_with(start));
    assert!(
        !numbers.is_empty() && numbers.iter().all(is_number),
        "{title}: {types:?}"
    );
}

#[test]
fn every_panel_answers() {
    let Some(traffic) = Traffic::new("deploy_dashboard") else {
        return;
    };
    let dashboard = dashboard();
    let panels = panels(&dashboard);
    let titles: BTreeSet<&str> = PANELS.iter().map(|(title, _)| *title).collect();
    assert_eq!(panels.keys().copied().collect::<BTreeSet<_>>(), titles);

    let mut answers = BTreeMap::new();
    for (title, columns) in PANELS {
        let panel = panels[title];
        let table = traffic.table(&view().expand(query(panel)));
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, columns, "{title}");
        assert!(!table.rows.is_empty(), "{title} shows nothing");
        if panel["type"] == "timeseries" {
            is_series(title, &table);
        }
        answers.insert(title, table);
    }

    let total = |title: &str, column: &str| answers[title].numbers(column).iter().sum::<f64>();
    for title in ["Records by service", "Records by level"] {
        assert_eq!(
            total(title, "records"),
            traffic.records as f64,
            "each record once: {title}"
        );
    }
    // Two services, and in each the handler's error and the server layer's.
    assert_eq!(total("Errors a minute, by event", "errors"), 4.0);
    let shares = &answers["Share of requests with an error, by event"];
    assert_eq!(shares.numbers("share"), [1.0 / (OTHERS + 1) as f64; 4]);
    assert_eq!(shares.words("last_request"), [FAILED; 4]);
    let slowest = &answers["Slowest requests"];
    let durations = slowest.numbers("duration");
    assert_eq!(
        durations.len(),
        2 * (OTHERS + 1),
        "each request's last record, in each service"
    );
    assert!(durations.is_sorted_by(|a, b| a >= b) && durations.iter().all(|duration| *duration > 0.0));
    assert!(slowest.numbers("status").contains(&500.0));
    assert!(
        slowest
            .words("route")
            .iter()
            .all(|route| *route == "/orders/{id}")
    );
    let replayed = answers["Replay of one request"].words("message");
    assert_eq!(
        replayed
            .iter()
            .filter(|message| message.contains("no order"))
            .count(),
        2
    );
    assert_eq!(
        replayed.len(),
        2 * 4,
        "begun, read, no order, ended; in two services: {replayed:?}"
    );
    assert_eq!(total("Quarantined, by reason", "records"), 2.0, "each once");
    let longest = answers["Lag"].numbers("longest");
    let most = Duration::from_secs(600).as_millis() as f64;
    assert!(longest.iter().all(|lag| (0.0..most).contains(lag)), "{longest:?}");

    one_service_alone(&traffic, &panels);
    nobody_is_asked_for(&traffic, &panels);
    services_are_offered(&traffic, &dashboard);
}

/// With one service chosen, the panels show it and no other.
fn one_service_alone(traffic: &Traffic, panels: &BTreeMap<&str, &Value>) {
    let mut view = view();
    view.services = vec!["Payment".into()];
    for (title, panel) in panels {
        let table = traffic.table(&view.expand(query(panel)));
        assert!(!table.rows.is_empty(), "{title} shows nothing of one service");
        if table.columns.iter().any(|(name, _)| name == "service") && *title != "Replay of one request" {
            assert!(
                table.words("service").iter().all(|service| *service == "Payment"),
                "{title}"
            );
        }
    }
    view.services = vec!["nobody's".into()];
    for (title, panel) in panels
        .iter()
        .filter(|(title, _)| **title != "Replay of one request")
    {
        let table = traffic.table(&view.expand(query(panel)));
        assert!(table.rows.is_empty(), "{title} shows what was not asked for");
    }
}

/// An event_id that is none, also a hostile one, replays nothing; least of all the records without a request.
fn nobody_is_asked_for(traffic: &Traffic, panels: &BTreeMap<&str, &Value>) {
    for event_id in ["", "00000000-0000-0000-0000-000000000000", "x' OR 1=1 --"] {
        let mut view = view();
        view.event_id = event_id.into();
        let sql = view.expand(query(panels["Replay of one request"]));
        assert_eq!(traffic.one(&sql), "", "{event_id}");
    }
}

/// The variable that lists the services.
fn services_are_offered(traffic: &Traffic, dashboard: &Value) {
    let variables = list(&dashboard["templating"]["list"]);
    let service = variables
        .iter()
        .find(|variable| variable["name"] == "service")
        .expect("a variable");
    let table = traffic.table(&view().expand(word(&service["query"]["rawSql"])));
    assert_eq!(table.words("service"), ["Ledger", "Payment"]);
}

#[test]
fn the_replay_reads_by_the_index() {
    let Some(traffic) = Traffic::new("deploy_replay") else {
        return;
    };
    let dashboard = dashboard();
    let sql = view().expand(query(panels(&dashboard)["Replay of one request"]));
    let plan = traffic.one(&format!("EXPLAIN indexes = 1 {sql}"));
    assert!(plan.contains("bloom") || plan.contains("by_event_id"), "{plan}");
}

#[test]
fn a_reader_may_ask_all_of_it() {
    let roles = text("deploy/clickhouse/roles.sql");
    let granted: BTreeSet<&str> = roles
        .lines()
        .filter_map(|line| {
            line.strip_prefix("GRANT SELECT ON ")?
                .strip_suffix(" TO tracel_reader;")
        })
        .collect();
    let dashboard = dashboard();
    let panels = panels(&dashboard);
    assert_eq!(panels.len(), PANELS.len());
    for (title, panel) in panels {
        let mut words = query(panel).split_whitespace();
        while let Some(word) = words.next() {
            if word == "FROM" || word == "JOIN" {
                let table = words.next().expect("a table").trim_end_matches(')');
                assert!(
                    table == "(" || table == "(SELECT" || granted.contains(table),
                    "{title} reads {table}"
                );
            }
        }
    }
}

#[test]
fn the_dashboard_asks_the_data_source_that_is_there() {
    let sources = super::files::yaml("deploy/grafana/provisioning/datasources/clickhouse.yaml");
    let source = &sources[0]["datasources"][0];
    let dashboard = dashboard();
    for (title, panel) in panels(&dashboard) {
        for place in [&panel["datasource"], &panel["targets"][0]["datasource"]] {
            assert_eq!(
                (&place["uid"], &place["type"]),
                (&source["uid"], &source["type"]),
                "{title}"
            );
        }
    }
    assert_eq!(dashboard["uid"], "tracel", "what the links in its tables name");
}
