//! A reader's places in all lanes, and how it is moved on by others. How it reads is said in `reader`.

use super::Tally;
use crate::{
    journal::{
        layout::CHUNK_HEADER,
        pool::{Begin, NONE},
    },
    stats,
};
use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering::Relaxed},
};

/// A reader's place in one lane.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Where it reads next; [`NONE`] when it is not in the lane.
    pub(super) chunk: u32,
    pub(super) off: usize,
    pub(super) ord: u64,
    /// The seq after the last that it read, and how many of those below were gaps.
    pub(super) next: u64,
    pub(super) lost: u64,
    /// What is acknowledged: the place, as (ordinal, offset), and the seq after it.
    pub(super) acked: (u64, usize),
    pub(super) acked_next: u64,
    /// How many records lie before that, and how many before the oldest that the journal still has for it.
    pub(super) acked_records: u64,
    pub(super) floor: u64,
    /// Whether it moved since the last mark.
    pub(super) moved: bool,
}

/// All that a reader knows of its places. Held while it reads, so that nobody overtakes it then.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    pub(super) lanes: Vec<Seen>,
    pub(super) crossed: Vec<(u32, u32, u64)>,
    /// What it was overtaken at: lane, seq, count, records.
    pub(super) missed: VecDeque<(u32, u64, u64, u64)>,
    /// Records since the last mark, and how many of them it was overtaken at.
    pub(super) records: u64,
    pub(super) overtaken: u64,
    /// Its reader's.
    pub(super) tally: Arc<Tally>,
    /// The lane to begin with.
    pub(super) first: usize,
}

impl Seen {
    /// Records that are neither acknowledged nor in the journal.
    fn gone(&self) -> u64 {
        self.floor.saturating_sub(self.acked_records)
    }
}

impl Sight {
    /// The next lane begins at a chunk.
    pub(crate) fn begin_at(&mut self, chunk: u32, begin: Begin) {
        self.lanes.push(Seen {
            chunk,
            off: CHUNK_HEADER,
            ord: begin.ord,
            next: begin.seq,
            lost: begin.lost,
            acked: (begin.ord, CHUNK_HEADER),
            acked_next: begin.seq,
            acked_records: begin.seq - begin.lost,
            floor: 0,
            moved: false,
        });
    }

    /// The next lane rests without a chunk.
    pub(crate) fn begin_nowhere(&mut self, seq: u64, lost: u64) {
        self.begin_at(NONE, Begin { ord: 0, seq, lost });
    }

    /// Leaves a lane that rests at this place, if all of it is acknowledged.
    pub(crate) fn leave(&mut self, lane: u32, chunk: u32, off: usize) -> bool {
        let Some(seen) = self.lanes.get_mut(lane as usize) else {
            return false;
        };
        let there = seen.chunk == chunk && seen.off == off && seen.acked == (seen.ord, off);
        if there {
            seen.chunk = NONE;
        }
        there
    }

    /// Jumps over what is unread of a chunk, to the begin of the lane's next one.
    pub(crate) fn overtake(&mut self, lane: u32, from: (u32, Begin), to: (u32, Begin)) {
        while self.lanes.len() <= lane as usize {
            // A lane that it has not looked at yet: its cursor stands at the first chunk.
            let begin = Begin {
                ord: 0,
                seq: 0,
                lost: 0,
            };
            self.begin_at(NONE, begin);
        }
        let seen = &mut self.lanes[lane as usize];
        if seen.chunk == NONE {
            (seen.chunk, seen.off, seen.ord) = (from.0, CHUNK_HEADER, from.1.ord);
            (seen.next, seen.lost) = (seen.next.max(from.1.seq), seen.lost.max(from.1.lost));
        }
        if seen.chunk == from.0 && seen.ord == from.1.ord {
            let (next, lost) = (to.1.seq, to.1.lost);
            let records = (next - lost).saturating_sub(seen.next - seen.lost);
            if records > 0 {
                // At once: a reader that never comes back is one that nobody would hear it from.
                stats::OVERRUN.add(records);
                self.tally.overrun.fetch_add(records, Relaxed);
                self.missed
                    .push_back((lane, seen.next, next - seen.next, records));
            }
            (seen.chunk, seen.off, seen.ord) = (to.0, CHUNK_HEADER, to.1.ord);
            (seen.next, seen.lost) = (next, lost);
            seen.moved = true;
        }
        seen.acked = seen.acked.max((to.1.ord, CHUNK_HEADER));
        let before = seen.gone();
        seen.floor = seen.floor.max(to.1.seq - to.1.lost);
        self.tally.gone.fetch_add(seen.gone() - before, Relaxed);
    }

    /// Notes that a lane is acknowledged up to a place.
    pub(super) fn acknowledge(&mut self, lane: u32, place: &Seen) {
        let seen = &mut self.lanes[lane as usize];
        seen.acked_next = seen.acked_next.max(place.next);
        let before = seen.gone();
        seen.acked_records = seen.acked_records.max(place.next - place.lost);
        self.tally.gone.fetch_sub(before - seen.gone(), Relaxed);
    }
}
