//! What is known of each instance's lanes: which numbers came, were announced as lost or went to quarantine, and up to where
//! all must have come. Where it is known from, `files` and `table` say.

use super::{Announced, Gap, Instance, Window, runs::Runs};
use std::{collections::BTreeMap, ops::Range};
use uuid::Uuid;

/// The books of all instances, by service and instance.
#[derive(Debug, Default)]
pub(super) struct Book {
    instances: BTreeMap<(String, String), Entry>,
}

/// The book of one instance.
#[derive(Debug, Default)]
pub(super) struct Entry {
    lanes: BTreeMap<u64, Lane>,
    /// How it ended, when a census says so.
    pub(super) end: Option<String>,
    /// Records that came more than once: how often too many.
    pub(super) doubled: u64,
}

/// One lane's.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) present: Runs,
    pub(super) quarantined: Runs,
    announced: Vec<(Range<u64>, String)>,
    /// The smallest number of a record inside the window.
    first: Option<u64>,
    /// All numbers below it must be there.
    known: u64,
}

impl Book {
    pub(super) fn instance(&mut self, service: &str, instance: &str) -> &mut Entry {
        // The key is made anew each time; that is no part of what an audit costs.
        self.instances
            .entry((service.to_owned(), instance.to_owned()))
            .or_default()
    }

    /// The verdict over each of them.
    pub(super) fn close(self, window: &Window) -> Vec<Instance> {
        self.instances
            .into_iter()
            .map(|((service, instance), entry)| entry.close(service, instance, window))
            .collect()
    }
}

impl Entry {
    pub(super) fn lane(&mut self, lane: u64) -> &mut Lane {
        self.lanes.entry(lane).or_default()
    }

    /// A census: the next numbers of the lanes from `first` on.
    pub(super) fn census(&mut self, first: u64, next: impl IntoIterator<Item = u64>) {
        for (lane, next) in (first..).zip(next) {
            self.lane(lane).is_complete_below(next);
        }
    }

    fn close(self, service: String, instance: String, window: &Window) -> Instance {
        // One that started before the window may have lost its first records to retention.
        let is_whole = window.since.is_none_or(|since| {
            let started = Uuid::parse_str(&instance).ok().and_then(|id| id.get_timestamp());
            started.is_some_and(|at| u128::from(at.to_unix().0) * 1000 >= u128::from(since))
        });
        let mut closed = Instance {
            service,
            instance,
            doubled: self.doubled,
            end: self.end,
            ..Instance::default()
        };
        for (number, lane) in self.lanes {
            closed.records += lane.present.count();
            let end = lane.known.max(lane.present.end());
            if end > 0 && number != CLOSING_LANE {
                closed.tails.push((number, end - 1));
            }
            lane.close(number, is_whole, &mut closed);
        }
        closed
    }
}

/// No writer has this lane: the closing census of a recovered instance stands there.
const CLOSING_LANE: u64 = u32::MAX as u64;

impl Lane {
    /// Records came with these numbers, and inside the window.
    pub(super) fn starts_at(&mut self, seq: u64) {
        self.first = Some(self.first.map_or(seq, |first| first.min(seq)));
    }

    /// All below `next` must have come: something later has, long enough ago.
    pub(super) fn is_complete_below(&mut self, next: u64) {
        self.known = self.known.max(next);
    }

    /// A record says that these are lost.
    pub(super) fn announce(&mut self, lost: Range<u64>, reason: &str) {
        self.announced.push((lost, reason.to_owned()));
    }

    fn close(self, number: u64, is_whole: bool, closed: &mut Instance) {
        let from = if is_whole {
            0
        } else {
            self.first.unwrap_or(self.known)
        };
        // An announcement is its own proof, however late it came, and so is what lies in quarantine.
        let told = self.announced.iter().map(|(lost, _)| lost.end).max();
        let until = self.known.max(told.unwrap_or(0)).max(self.quarantined.end());
        let mut explained = self.present;
        let mut explain = |by: &Range<u64>| {
            let part = by.start.max(from)..by.end.min(until);
            let new: Vec<Range<u64>> = explained.gaps(part).collect();
            new.iter().map(|gap| explained.add(gap.clone())).sum::<u64>()
        };
        for part in self.quarantined.iter() {
            closed.quarantined += explain(&part);
        }
        let mut announced = self.announced;
        announced.sort_by_key(|(lost, _)| (lost.start, lost.end));
        for (lost, reason) in announced {
            let count = explain(&lost);
            if count > 0 {
                closed.announced.push(Announced {
                    lane: number,
                    first: lost.start,
                    last: lost.end - 1,
                    count,
                    reason,
                });
            }
        }
        closed
            .gaps
            .extend(explained.gaps(from..self.known).map(|gap| Gap {
                lane: number,
                first: gap.start,
                last: gap.end - 1,
            }));
    }
}
