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

/// The tree without times, one space a depth: spans by their id, silent ones in parentheses, records by their number.
fn outline(request: &Request) -> String {
    let row = |row: &super::Row| {
        let what = match &row.item {
            Item::Record(record) => record.text("message").to_string(),
            Item::Span(span) if span.is_silent => format!("({})", span.id),
            Item::Span(span) => span.id.clone(),
        };
        format!("{:1$}{what}\n", "", row.depth)
    };
    request.rows.iter().map(row).collect()
}

#[test]
fn a_span_that_logged_nothing_is_put_in_once() {
    // root > silent > (x > 2, y > 3), in one process.
    let request = Request::new(vec![
        record(1, 1, "a", "root", ""),
        record(2, 2, "a", "x", "silent"),
        record(3, 3, "a", "y", "silent"),
        record(4, 4, "a", "root", ""),
    ]);
    assert_eq!(
        outline(&request),
        "root\n 1\n (silent)\n  x\n   2\n  y\n   3\n 4\n"
    );
    assert_eq!(messages(&request), ["1", "2", "3", "4"]);
    let mut out = Vec::new();
    print::tree(&mut out, uuid::Uuid::nil(), &request, false).expect("memory");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains("├ (span silent logged nothing)\n"), "{text}");
}

#[test]
fn a_silent_span_goes_where_its_children_were_running() {
    // b's handler is silent, and its clock 5 s behind; what it called in b itself and in c is one tree with a's.
    let request = Request::new(vec![
        record(1, 10_000, "a", "a1", ""),
        record(2, 5000, "b", "b2", "handler"),
        record(3, 10_010, "c", "c1", "caller"),
        record(4, 5005, "b", "b3", "caller"),
        record(5, 10_080, "a", "a1", ""),
        // The same process, called a second time: known, so what follows is in it and not in the first.
        record(6, 10_100, "a", "a9", "a1"),
        record(7, 10_200, "d", "d1", "a9"),
        record(8, 10_300, "d", "d2", "a9"),
        record(9, 10_310, "d", "d3", "quiet"),
    ]);
    assert_eq!(
        outline(&request),
        "a1\n 1\n (handler)\n  b2\n   2\n (caller)\n  b3\n   4\n  c1\n   3\n 5\n a9\n  6\n  d1\n   7\n  d2\n   8\n   (quiet)\n    d3\n     9\n"
    );
    let early = request.rows.iter().find_map(|row| match &row.item {
        Item::Span(span) if span.id == "handler" => Some(span.is_early_by),
        _ => None,
    });
    assert_eq!(early, Some(5000 * MS));
}

#[test]
fn a_first_span_that_logged_nothing_holds_the_rest() {
    let request = Request::new(vec![
        record(1, 1, "a", "x", "root"),
        record(2, 2, "a", "deep", "silent"),
        record(3, 3, "b", "y", "root"),
    ]);
    assert_eq!(
        outline(&request),
        "(root)\n x\n  1\n  (silent)\n   deep\n    2\n y\n  3\n"
    );
    // A gateway that is no service of ours began the request.
    let request = Request::new(vec![
        record(1, 1, "a", "x", "gateway"),
        record(2, 2, "b", "y", "silent"),
    ]);
    assert_eq!(outline(&request), "x\n 1\n (silent)\n  y\n   2\n");
}

#[test]
fn nothing_is_lost_or_goes_round_whoever_is_silent() {
    // Ids and parents at random among few, some of them never logged in.
    let mut state = 7u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    for _ in 0..2000 {
        let records: Vec<Record> = (0..random(12))
            .map(|n| {
                let process = ["a", "b", "c"][random(3) as usize];
                let parent = match random(9) {
                    0 => String::new(),
                    id => format!("s{id}"),
                };
                record(n, random(50), process, &format!("s{}", random(5)), &parent)
            })
            .collect();
        let count = records.len();
        let request = Request::new(records);
        assert_eq!(request.count(), count);
    }
}
