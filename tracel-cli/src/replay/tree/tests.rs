//! Trees of requests that no well-behaved service would log.

use super::{Item, Request};
use crate::replay::{Record, print};

const MS: i128 = 1_000_000;

/// A record: milliseconds, process, span, parent.
fn record(number: u32, ms: u32, process: &str, span: &str, parent: &str) -> Record {
    let line = format!(
        r#"{{"timestamp":"2026-11-22T11:40:{:02}.{:03}Z","event_id":"0193cf1e-0000-7000-8000-000000000001","uuid":"{number:032x}","service_name":"{process}","message":"{number}","instance":"{process}","span_id":"{span}","parent_span_id":"{parent}","lane":0,"seq":{number}}}"#,
        ms / 1000,
        ms % 1000
    );
    Record::read(line.as_bytes()).expect("a record")
}

/// Depths and numbers of the records, from top to bottom.
fn drawn(request: &Request) -> Vec<(usize, String)> {
    let record = |row: &super::Row| match &row.item {
        Item::Record(record) => Some((row.depth, record.text("message").to_string())),
        Item::Span(_) => None,
    };
    request.rows.iter().filter_map(record).collect()
}

fn messages(request: &Request) -> Vec<&str> {
    request
        .in_order()
        .iter()
        .map(|record| record.text("message"))
        .collect()
}

#[test]
fn a_child_stands_behind_its_parents_begin_whatever_its_clock_says() {
    // b is behind a by 5 s, and c behind b by 5 s more.
    let records = vec![
        record(5, 0, "c", "c1", "b1"),
        record(6, 20, "c", "c1", "b1"),
        record(3, 5000, "b", "b1", "a1"),
        record(4, 5040, "b", "b1", "a1"),
        record(1, 10_000, "a", "a1", ""),
        record(2, 10_080, "a", "a1", ""),
    ];
    let request = Request::new(records);
    assert_eq!(messages(&request), ["1", "3", "5", "6", "4", "2"]);
    assert_eq!(
        drawn(&request)
            .iter()
            .map(|(depth, _)| *depth)
            .collect::<Vec<_>>(),
        [1, 2, 3, 3, 2, 1]
    );
    assert_eq!(request.end - request.start, 80 * MS);
    let early: Vec<_> = request
        .rows
        .iter()
        .filter_map(|row| match &row.item {
            Item::Span(span) => Some((span.is_early_by, span.duration)),
            Item::Record(_) => None,
        })
        .collect();
    assert_eq!(
        early,
        [
            (0, Some(80 * MS)),
            (5000 * MS, Some(40 * MS)),
            (10_000 * MS, Some(20 * MS))
        ]
    );
}

#[test]
fn within_a_process_the_clock_is_believed() {
    // The outer span logs only at its end.
    let request = Request::new(vec![
        record(1, 100, "a", "outer", ""),
        record(2, 50, "a", "inner", "outer"),
    ]);
    assert_eq!(messages(&request), ["2", "1"]);
    assert_eq!(drawn(&request), [(2, "2".into()), (1, "1".into())]);
}

#[test]
fn one_span_id_in_two_processes_is_two_spans() {
    let request = Request::new(vec![
        record(1, 1, "a", "s", ""),
        record(2, 2, "b", "s", "s"),
        record(3, 3, "b", "t", "s"),
    ]);
    assert_eq!(
        drawn(&request),
        [(1, "1".into()), (2, "2".into()), (3, "3".into())]
    );
}

#[test]
fn a_uuid_is_shown_once_and_an_unknown_parent_is_none() {
    let one = record(1, 1, "a", "s", "never-seen");
    let request = Request::new(vec![one.clone(), one.clone(), one]);
    assert_eq!(drawn(&request), [(1, "1".into())]);
    assert_eq!(request.count(), 1);
}

#[test]
fn circles_are_cut_open() {
    for length in [1, 2, 3, 10] {
        let mut records: Vec<Record> = (0..length)
            .map(|n| record(n, n, "a", &format!("s{n}"), &format!("s{}", (n + 1) % length)))
            .collect();
        records.push(record(99, 99, "a", "hanging", "s0"));
        let request = Request::new(records);
        assert_eq!(request.count(), length as usize + 1, "{length}");
    }
}

#[test]
fn no_depth_is_too_deep() {
    const DEPTH: u32 = 20_000;
    let span = |n: u32| format!("s{n}");
    let records = (0..DEPTH)
        .map(|n| record(n, n % 60_000, "a", &span(n), &span(n.wrapping_sub(1))))
        .collect();
    let request = Request::new(records);
    assert_eq!(request.count(), DEPTH as usize);
    assert_eq!(request.rows.last().map(|row| row.depth), Some(DEPTH as usize));
    let mut out = Vec::new();
    print::tree(&mut out, uuid::Uuid::nil(), &request, true).expect("memory");
    assert_eq!(
        out.iter().filter(|byte| **byte == b'\n').count(),
        1 + 2 * DEPTH as usize
    );
}

#[test]
fn no_record_is_no_tree() {
    let request = Request::new(Vec::new());
    assert_eq!((request.count(), request.rows.len()), (0, 0));
}
