//! What was logged, what is stored, and what is lost: the services' own counts against the gaps in (instance, lane, seq).

use crate::{
    Fault,
    load::Outcome,
    services::{Counts, Role},
    store::Store,
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    fs,
};

/// The account of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Records that the services logged, by service.
    pub(crate) logged: Vec<(&'static str, u64)>,
    /// Different records in the store.
    pub(crate) stored: u64,
    /// Numbers that are missing below the highest of their lane.
    pub(crate) gaps: u64,
    /// Records that are in the store more than once.
    pub(crate) doubled: u64,
}

/// A stored record, as far as the account goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stored {
    instance: String,
    lane: u64,
    seq: u64,
}

impl Audit {
    /// Reads the store and settles the account.
    pub(crate) fn new(
        store: &Store,
        outcomes: &[Outcome],
        counts: &[(Role, Counts)],
    ) -> Result<Audit, Fault> {
        let stored = read(store, outcomes)?;
        let logged = counts
            .iter()
            .map(|(role, counts)| (role.service(), counts.written + counts.dropped))
            .collect();
        Ok(Audit {
            logged,
            ..count(stored)
        })
    }

    /// How many records the services logged.
    pub(crate) fn total(&self) -> u64 {
        self.logged.iter().map(|(_, count)| count).sum()
    }

    /// How many of them are not in the store: gaps, and what is missing at the ends of lanes, where no gap shows it.
    pub(crate) fn lost(&self) -> u64 {
        self.gaps.max(self.total().saturating_sub(self.stored))
    }
}

/// What was asked, answered and logged, for a program that reads the store later.
pub(crate) fn account(outcomes: &[Outcome], counts: &[(Role, Counts)]) -> Value {
    let counts = counts.iter().map(|(role, counts)| {
        json!({ "service": role.service(), "written": counts.written, "dropped": counts.dropped, "undelivered": counts.undelivered })
    });
    let requests = outcomes.iter().map(|outcome| {
        json!({ "event_id": outcome.event_id, "status": outcome.status.map(|status| status.as_u16()) })
    });
    json!({ "services": counts.collect::<Vec<_>>(), "requests": requests.collect::<Vec<_>>() })
}

fn count(stored: Vec<Stored>) -> Audit {
    let all = stored.len() as u64;
    let different: HashSet<Stored> = stored.into_iter().collect();
    let mut lanes: HashMap<(&str, u64), (u64, u64)> = HashMap::new();
    for Stored { instance, lane, seq } in &different {
        let (highest, count) = lanes.entry((instance, *lane)).or_default();
        *highest = (*highest).max(*seq);
        *count += 1;
    }
    let different = different.len() as u64;
    Audit {
        stored: different,
        gaps: lanes.values().map(|(highest, count)| highest + 1 - count).sum(),
        doubled: all - different,
        ..Audit::default()
    }
}

/// The records of this run: of the processes that had a part in its requests.
fn read(store: &Store, outcomes: &[Outcome]) -> Result<Vec<Stored>, Fault> {
    match (store.clickhouse()?, store) {
        (Some(server), _) => {
            let ids: Vec<String> = outcomes
                .iter()
                .map(|outcome| format!("'{}'", outcome.event_id))
                .collect();
            let table = server.table().replace('`', "\\`");
            let sql = format!(
                "SELECT instance, lane, seq FROM `{table}` WHERE instance IN \
                 (SELECT DISTINCT instance FROM `{table}` WHERE event_id IN ({}))",
                ids.join(",")
            );
            let text = server.query(&sql, &[("max_query_size", "1000000000")])?;
            text.lines()
                .map(|line| row(line).ok_or_else(|| format!("an unexpected answer: {line}").into()))
                .collect()
        }
        (None, Store::Files { folder, .. }) => {
            let mut stored = Vec::new();
            for role in Role::ALL {
                let path = folder
                    .join(role.service().to_lowercase())
                    .with_extension("ndjson");
                for line in fs::read_to_string(&path)?.lines() {
                    let record: Value = serde_json::from_str(line)?;
                    let number = |key: &str| {
                        record[key]
                            .as_u64()
                            .ok_or(format!("a record without its {key}: {line}"))
                    };
                    let instance = record["instance"].as_str().unwrap_or_default().to_string();
                    stored.push(Stored {
                        instance,
                        lane: number("lane")?,
                        seq: number("seq")?,
                    });
                }
            }
            Ok(stored)
        }
        (None, _) => Err("nothing can be read back from here".into()),
    }
}

fn row(line: &str) -> Option<Stored> {
    let mut columns = line.split('\t');
    let instance = columns.next()?.to_string();
    Some(Stored {
        instance,
        lane: columns.next()?.parse().ok()?,
        seq: columns.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Audit, Stored, count};

    fn stored(seqs: &[(u64, u64)]) -> Vec<Stored> {
        seqs.iter()
            .map(|&(lane, seq)| Stored {
                instance: "i".into(),
                lane,
                seq,
            })
            .collect()
    }

    #[test]
    fn losses_are_seen() {
        let whole = count(stored(&[(0, 0), (0, 1), (1, 0)]));
        assert_eq!(
            Audit {
                logged: vec![("A", 3)],
                ..whole
            }
            .lost(),
            0
        );
        let gap = count(stored(&[(0, 0), (0, 2), (1, 1)]));
        assert_eq!((gap.gaps, gap.lost()), (2, 2));
        let tail = Audit {
            logged: vec![("A", 2), ("B", 3)],
            ..count(stored(&[(0, 0), (0, 1), (1, 0)]))
        };
        assert_eq!((tail.gaps, tail.lost()), (0, 2));
        let doubled = count(stored(&[(0, 0), (0, 0)]));
        assert_eq!((doubled.doubled, doubled.stored, doubled.gaps), (1, 1, 0));
    }
}
