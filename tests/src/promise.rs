//! What a service promised that its log will hold, by writing it down once the call had returned, and whether it does.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Thread and number of each record that the process wrote down. A line that was torn by its end was not promised.
///
/// # Panics
/// When a line is none of these.
#[must_use]
pub fn promised(text: &str) -> BTreeSet<(u64, u64)> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let pair = |line: &str| {
        let (thread, n) = line.split_once(' ')?;
        Some((thread.parse().ok()?, n.parse().ok()?))
    };
    whole
        .lines()
        .map(|line| pair(line).expect("a thread and a number"))
        .collect()
}

/// Everything in a log of NDJSON.
///
/// # Panics
/// When a line is not whole.
#[must_use]
pub fn delivered(log: &Path) -> Vec<Value> {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("whole lines"))
        .collect()
}

/// Holds what arrived to what was promised, and each lane to having no gap that nobody announces.
///
/// # Panics
/// When something is lost.
pub fn hold(promised: &BTreeSet<(u64, u64)>, records: &[Value], what: &str) {
    let number = |record: &Value, name: &str| record["metadata"][name].as_u64();
    let numbers: BTreeSet<_> = records
        .iter()
        .filter(|record| record["message"] == "one of many")
        .filter_map(|record| number(record, "attempt").zip(number(record, "amount")))
        .collect();
    let lost: Vec<_> = promised.difference(&numbers).take(10).collect();
    assert!(lost.is_empty(), "{what}: lost {lost:?} of {}", promised.len());

    let mut lanes: BTreeMap<(String, u64), BTreeSet<u64>> = BTreeMap::new();
    for record in records {
        let (Some(lane), Some(seq)) = (record["lane"].as_u64(), record["seq"].as_u64()) else {
            panic!("{what}: no lane or no seq in {record}");
        };
        let last = number(record, "tracel_last_seq").unwrap_or(seq);
        let lane = (record["instance"].to_string(), lane);
        lanes.entry(lane).or_default().extend(seq..=last);
    }
    for (lane, seqs) in lanes {
        let next = seqs.last().map_or(0, |last| last + 1);
        assert_eq!(next, seqs.len() as u64, "{what}: a gap in {lane:?}");
    }
}
