//! What a sink has not got at the end: how much of it is lost, and how much the next start finds. Here it is counted and
//! told; what is done for it before is the shipper's.

use super::{Counts, Report};
use crate::journal::{Journal, Reader, Tally};
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// Records that a reader has not acknowledged.
#[derive(Default)]
pub(super) struct Left {
    /// What the next start finds.
    pub(super) kept: u64,
    /// What the reader was overtaken at. The process has counted that.
    missed: u64,
    lost: u64,
}

impl Left {
    pub(super) fn of(journal: &Journal, tally: &Tally) -> Self {
        let open = journal.written().saturating_sub(tally.done());
        let missed = tally.missed().min(open);
        // Who overtook it took from a journal that survives also what its sink had under way.
        let gone = tally.gone().clamp(missed, open);
        let kept = if journal.is_durable() { open - gone } else { 0 };
        let lost = open - missed - kept;
        Left { kept, missed, lost }
    }

    /// True when nothing is lost.
    pub(super) fn tell(&self, name: &str, report: &Report, counts: &Counts) -> bool {
        let Left { kept, missed, lost } = *self;
        if kept > 0 {
            counts.pending.fetch_add(kept, Relaxed);
            report.say(&format!(
                "sink {name}: {kept} records were not delivered before the deadline, and are kept for the next start"
            ));
        }
        if missed > 0 {
            report.say(&format!(
                "sink {name} was too slow for {missed} records, and missed them"
            ));
        }
        if lost > 0 {
            counts.lost.fetch_add(lost, Relaxed);
            report.say(&format!(
                "sink {name}: {lost} records were not delivered before the deadline, and are lost"
            ));
        }
        lost + missed == 0
    }
}

/// Counts and tells what the reader of a sink that could not be opened leaves. Once, at the end.
pub fn give_up(journal: &Journal, reader: &Reader, name: &str, report: &Report) {
    // What they count stays when they go.
    let counts = Arc::<Counts>::default();
    Left::of(journal, &reader.tally()).tell(name, report, &counts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_or_lost_is_not_delivered() {
        let whole = |kept, missed, lost| {
            let left = Left { kept, missed, lost };
            left.tell("made:", &Report::to(|_| {}), &Counts::default())
        };
        assert!(whole(0, 0, 0) && whole(1, 0, 0));
        assert!(!whole(0, 1, 0) && !whole(0, 0, 1));
    }
}
