//! A set of numbers, kept as runs: records mostly come in order, so that a lane of millions is one or two of them.

use std::{collections::BTreeMap, ops::Range};

/// A set of `u64`, the last number excepted, as disjoint runs that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    /// From a run's first number to the one after its last.
    runs: BTreeMap<u64, u64>,
}

impl Runs {
    /// Adds `run`. Gives how many of its numbers are new.
    pub(super) fn add(&mut self, run: Range<u64>) -> u64 {
        let Range { mut start, mut end } = run;
        if start >= end {
            return 0;
        }
        let mut old = 0;
        while let Some((&from, &to)) = self.runs.range(..=end).next_back()
            && to >= start
        {
            old += to.min(run.end).saturating_sub(from.max(run.start));
            (start, end) = (start.min(from), end.max(to));
            self.runs.remove(&from);
        }
        self.runs.insert(start, end);
        run.end - run.start - old
    }

    /// What of `whole` is not in it, in order.
    pub(super) fn gaps(&self, whole: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let before = self.runs.range(..whole.start).next_back();
        let inside = self.runs.range(whole.start..whole.end.max(whole.start));
        let mut from = whole.start;
        before
            .into_iter()
            .chain(inside)
            .map(|(&from, &to)| from..to)
            .chain(std::iter::once(whole.end..whole.end))
            .filter_map(move |run| {
                let gap = from..run.start.min(whole.end);
                from = from.max(run.end);
                (gap.start < gap.end).then_some(gap)
            })
    }

    /// How many numbers are in it.
    pub(super) fn count(&self) -> u64 {
        self.runs.iter().map(|(from, to)| to - from).sum()
    }

    /// The number after the last.
    pub(super) fn end(&self) -> u64 {
        self.runs.last_key_value().map_or(0, |(_, &to)| to)
    }

    /// The runs in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<u64>> {
        self.runs.iter().map(|(&from, &to)| from..to)
    }
}

#[cfg(test)]
mod tests {
    use super::Runs;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(
            added in prop::collection::vec((0u64..60, 0u64..8), 0..30),
            whole in (0u64..60, 0u64..70),
        ) {
            let (mut runs, mut set) = (Runs::default(), BTreeSet::new());
            for (start, length) in added {
                let new = (start..start + length).filter(|n| set.insert(*n)).count();
                prop_assert_eq!(runs.add(start..start + length), new as u64);
            }
            prop_assert_eq!(runs.count(), set.len() as u64);
            prop_assert_eq!(runs.end(), set.last().map_or(0, |last| last + 1));
            prop_assert_eq!(runs.iter().flatten().collect::<BTreeSet<_>>(), set.clone());
            let gaps: Vec<u64> = runs.gaps(whole.0..whole.1).flatten().collect();
            let missing: Vec<u64> = (whole.0..whole.1).filter(|n| !set.contains(n)).collect();
            prop_assert_eq!(gaps, missing);
        }
    }
}
