//! The queries of docs/operating.md, each run as it stands there.

use super::{files::text, traffic::Traffic};
use std::collections::BTreeSet;

/// The page's queries, with the first word of the comment over each, or "".
fn queries(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("```sql\n").skip(1);
    blocks
        .flat_map(|rest| rest.split_once("\n```").expect("an end").0.split(";\n"))
        .map(|sql| sql.trim().trim_end_matches(';'))
        // Users and roles, which the embedded engine does not know.
        .filter(|sql| !sql.is_empty() && !sql.starts_with("CREATE USER") && !sql.starts_with("GRANT"))
        .map(|sql| {
            let comment = sql.strip_prefix("-- ").unwrap_or_default();
            (comment.split([' ', ',', ':']).next().unwrap_or_default(), sql)
        })
        .collect()
}

/// Those of them that have rows.
fn firing<'a>(traffic: &Traffic, queries: &[(&'a str, &str)]) -> BTreeSet<&'a str> {
    let fires = queries
        .iter()
        .filter(|(_, sql)| !traffic.table(sql).rows.is_empty());
    fires.map(|(name, _)| *name).collect()
}

#[test]
fn every_query_is_answered_and_every_alert_fires_when_it_should() {
    let page = text("docs/operating.md");
    let Some(traffic) = Traffic::new("deploy_queries") else {
        return;
    };
    let queries = queries(&page);
    let names: BTreeSet<&str> = queries.iter().map(|(name, _)| *name).collect();
    let alerts = BTreeSet::from([
        "Lost", "Silent", "New", "Behind", "Errors", "Without", "Twice", "Parts",
    ]);
    // What is kept.
    let tables = BTreeSet::from([""]);
    assert_eq!(names, &alerts | &tables);

    // Half of the requests fail, all is there twice, two lines broke the schema.
    let always = BTreeSet::from(["New", "Errors", "Twice", ""]);
    assert_eq!(firing(&traffic, &queries), always);
    let row = |service: &str, rest: &str| {
        let nil = "00000000-0000-0000-0000-000000000000";
        let sql = "INSERT INTO logs (service_name, event_id, uuid, timestamp, log_type, event_name, metadata) SELECT";
        traffic.one(&format!("{sql} '{service}', '{nil}', generateUUIDv4(), {rest}"));
    };
    row("Gone", "now64(9) - INTERVAL 20 MINUTE, 'system', '', '{}'");
    row("Full", "now64(9), 'system', 'tracel_lost', '{\"tracel_lost\":3}'");
    row("Lonely", "now64(9), 'user', '', '{}'");
    let mut now = &alerts | &tables;
    // Three hundred parts are more than a test makes.
    now.remove("Parts");
    assert_eq!(firing(&traffic, &queries), now);
    let lost = queries
        .iter()
        .find(|(name, _)| *name == "Lost")
        .expect("a query")
        .1;
    assert_eq!(traffic.table(lost).numbers("records"), [3.0]);
}
