//! The way through one lane of a dead journal: frame by frame, over what is damaged to the next that can be believed.
//! Numbers that nobody finds are told as damaged.
//!
//! After a kill every committed frame is whole, and this is a plain walk. After a power loss, or on a bad disk, pages may
//! be missing or hold anything: a frame is believed when its header can be one and its seq is the one that is due, or when
//! its neighbours agree that it is another.

use super::map::{Found, MOST, Map};
use crate::journal::{
    Lane,
    layout::{CHUNK_HEADER, FRAME, GAP, LANE_ANNOUNCED, LANE_COMMITTED, LANE_LOST_TO, frame, place},
};

/// What comes next in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A record, and where its payload lies.
    Record { seq: u64, at: usize, len: usize },
    /// Records that the journal could not take.
    Gap { seq: u64, count: u64 },
    /// Records that cannot be read.
    Damaged { seq: u64, count: u64 },
}

/// A place in a lane.
#[derive(Debug)]
pub(super) struct Walk {
    lane: u32,
    chunk: u32,
    off: usize,
    ord: u64,
    /// The seq that is due; `None` when nothing told it yet.
    due: Option<u64>,
    /// The seq after the lane's last record, and after the last that was lost, where that can be believed.
    end: u64,
    lost_to: u64,
    pending: Option<Step>,
    is_over: bool,
}

impl Walk {
    /// Begins where this reader's cursor stands; where nobody can have put it there, with all that the lane has.
    pub(super) fn new(map: &Map, lane: u32, slot: Option<usize>) -> Self {
        let (end, lost_to) = ends(map, lane);
        let mut walk = Walk {
            lane,
            chunk: 0,
            off: 0,
            ord: 0,
            due: None,
            end,
            lost_to,
            pending: None,
            is_over: false,
        };
        let word = slot.map_or(0, |slot| map.word(map.layout().cursor(slot, lane)));
        match place(word) {
            Some((chunk, off)) if map.is_place(lane, chunk, off) => {
                (walk.chunk, walk.ord) = (chunk, map.ord(lane, chunk).unwrap_or(0));
                walk.due = walk.due_at(map, off);
                walk.off = off;
            }
            None if word != 0 => walk.is_over = true,
            _ => match map.first_chunk(lane) {
                Some((ord, chunk)) => walk.enter(map, ord, chunk),
                None => walk.is_over = true,
            },
        }
        walk
    }

    pub(super) fn lane(&self) -> u32 {
        self.lane
    }

    pub(super) fn chunk(&self) -> u32 {
        self.chunk
    }

    pub(super) fn off(&self) -> usize {
        self.off
    }

    /// The next step; `None` at the lane's end.
    pub(super) fn next(&mut self, map: &Map) -> Option<Step> {
        if let Some(step) = self.pending.take() {
            return Some(step);
        }
        let step = match self.find(map) {
            Some(step) => step,
            None => return self.tail(),
        };
        let (seq, count) = match step {
            Step::Record { seq, .. } => (seq, 1),
            Step::Gap { seq, count } | Step::Damaged { seq, count } => (seq, count),
        };
        let due = self.due.unwrap_or(seq);
        self.due = Some(seq + count);
        if seq > due {
            self.pending = Some(step);
            let count = seq - due;
            return Some(Step::Damaged { seq: due, count });
        }
        Some(step)
    }

    /// What the lane had given out behind the last frame.
    fn tail(&mut self) -> Option<Step> {
        let due = self.due?;
        if self.end > due {
            self.due = Some(self.end);
            let count = self.end - due;
            return Some(Step::Damaged { seq: due, count });
        }
        if self.lost_to > due {
            self.due = Some(self.lost_to);
            let count = self.lost_to - due;
            return Some(Step::Gap { seq: due, count });
        }
        None
    }

    fn enter(&mut self, map: &Map, ord: u64, chunk: u32) {
        (self.chunk, self.ord, self.off) = (chunk, ord, CHUNK_HEADER);
        self.due = self
            .due
            .or_else(|| map.seq(chunk).filter(|&seq| self.is_near(map, seq)));
    }

    /// Whether a lane with this end can be at this seq.
    fn is_near(&self, map: &Map, seq: u64) -> bool {
        self.end == 0 || (seq <= self.end && self.end - seq <= map.most() * u64::from(map.layout().chunks))
    }

    /// The seq that is due at an offset of this chunk, told by the frames before.
    fn due_at(&self, map: &Map, upto: usize) -> Option<u64> {
        let (mut off, mut due) = (CHUNK_HEADER, map.seq(self.chunk)?);
        while off < upto {
            let (seq, count, len) = match map.at(self.lane, self.chunk, off) {
                Found::Record { seq, len } => (seq, 1, frame(len)),
                Found::Gap { seq, count } => (seq, count, GAP),
                _ => return None,
            };
            if seq != due {
                return None;
            }
            (off, due) = (off + len, due + count);
        }
        (off == upto).then_some(due)
    }

    /// The next frame that can be believed.
    fn find(&mut self, map: &Map) -> Option<Step> {
        while !self.is_over {
            match map.at(self.lane, self.chunk, self.off) {
                Found::Nothing if !self.owes() => self.is_over = true,
                Found::Link { chunk } => self.enter(map, self.ord + 1, chunk),
                Found::Nothing | Found::Broken { .. } => self.skip(map),
                found => match self.believe(map, self.off, found) {
                    Some(step) => return Some(self.take(step)),
                    None => self.skip(map),
                },
            }
        }
        None
    }

    /// Goes behind the frame here.
    fn take(&mut self, step: Step) -> Step {
        self.off += match step {
            Step::Record { len, .. } => frame(len),
            _ => GAP,
        };
        step
    }

    /// Whether the lane has given out more than was found.
    fn owes(&self) -> bool {
        self.due.is_some_and(|due| due < self.end)
    }

    /// A frame that has the seq that is due, or that its neighbours agree with.
    fn believe(&self, map: &Map, off: usize, found: Found) -> Option<Step> {
        let (seq, count, len) = match found {
            Found::Record { seq, len } => (seq, 1, frame(len)),
            Found::Gap { seq, count } => (seq, count, GAP),
            _ => return None,
        };
        let step = |seq: u64| match found {
            Found::Record { len, .. } => Step::Record {
                seq,
                at: map.layout().chunk(self.chunk) + off + FRAME,
                len,
            },
            _ => Step::Gap { seq, count },
        };
        match self.due {
            None => self.is_near(map, seq).then(|| step(seq)),
            Some(due) if due == seq => (!self.is_too_long(map, off, len)).then(|| step(seq)),
            Some(due) => {
                let after = self.told_at(map, off + len)?;
                if seq > due && seq.checked_add(count) == Some(after) && self.is_near(map, seq) {
                    return Some(step(seq));
                }
                // Only its number is damaged.
                (due.checked_add(count) == Some(after)).then(|| step(due))
            }
        }
    }

    /// Whether the frame that is due claims the place of those that follow: its length is damaged then.
    fn is_too_long(&self, map: &Map, off: usize, len: usize) -> bool {
        let Some(after) = self.due.map(|due| due + 1) else {
            return false;
        };
        if self.told_at(map, off + len) == Some(after) {
            return false;
        }
        (off + FRAME..off + len).step_by(8).any(|off| {
            let (next, len) = match map.at(self.lane, self.chunk, off) {
                Found::Record { seq, len } => (seq, frame(len)),
                Found::Gap { seq, .. } => (seq, GAP),
                _ => return false,
            };
            next == after && self.told_at(map, off + len).is_some()
        })
    }

    /// The seq that the frame at an offset says, or what stands in for one there.
    fn told_at(&self, map: &Map, off: usize) -> Option<u64> {
        match map.at(self.lane, self.chunk, off) {
            Found::Record { seq, .. } | Found::Gap { seq, .. } => Some(seq),
            Found::Link { chunk } => map.seq(chunk),
            Found::Nothing => Some(self.end),
            Found::Broken { .. } => None,
        }
    }

    /// Leaves what is damaged here: for the next frame in this chunk that can be believed, else for the lane's next
    /// chunk, else the lane is over.
    fn skip(&mut self, map: &Map) {
        let size = map.layout().chunk;
        let by_length = match map.at(self.lane, self.chunk, self.off) {
            Found::Record { len, .. } | Found::Broken { len: Some(len) }
                if !self.is_too_long(map, self.off, frame(len)) =>
            {
                Some(self.off + frame(len))
            }
            _ => None,
        };
        let every = (self.off + 8..size).step_by(8);
        for off in by_length.into_iter().chain(every) {
            let found = map.at(self.lane, self.chunk, off);
            let follows = match found {
                Found::Link { .. } => true,
                Found::Record { len, .. } => self.agrees(map, off, found, frame(len)),
                Found::Gap { .. } => self.agrees(map, off, found, GAP),
                Found::Nothing | Found::Broken { .. } => false,
            };
            if follows {
                self.off = off;
                return;
            }
        }
        match map.chunk_from(self.lane, self.ord + 1) {
            Some((ord, chunk)) => self.enter(map, ord, chunk),
            None => self.is_over = true,
        }
    }

    /// Whether a frame behind damage is one: it is believed, and something that can be stands behind it.
    fn agrees(&self, map: &Map, off: usize, found: Found, len: usize) -> bool {
        let (Found::Record { seq, .. } | Found::Gap { seq, .. }) = found else {
            return false;
        };
        let is_later = self.due.is_none_or(|due| seq >= due);
        is_later && self.believe(map, off, found).is_some() && self.told_at(map, off + len).is_some()
    }
}

/// The seqs after a lane's last record and its last loss; 0 where what stands there cannot be.
fn ends(map: &Map, lane: u32) -> (u64, u64) {
    let entry = map.layout().lane(lane);
    let (committed, lost_to) = (map.word(entry + LANE_COMMITTED), map.word(entry + LANE_LOST_TO));
    // Its last chunk began with a seq not far before.
    let is_near = |begin: u64| committed >= begin && committed - begin <= map.most() + (1 << 32);
    let is_wrong = match map.last_chunk(lane).and_then(|(_, chunk)| map.seq(chunk)) {
        Some(begin) => !is_near(begin),
        None => committed >= MOST,
    };
    (
        if is_wrong { 0 } else { committed },
        if lost_to < MOST { lost_to } else { 0 },
    )
}

/// What a lane has given out.
pub(super) fn count(map: &Map, lane: u32) -> Lane {
    let mut walk = Walk::new(map, lane, None);
    let (mut next_seq, mut lost) = (0, 0);
    while let Some(step) = walk.next(map) {
        let (seq, count) = match step {
            Step::Record { seq, .. } => (seq, 1),
            Step::Gap { seq, count } => {
                lost += count;
                (seq, count)
            }
            Step::Damaged { seq, count } => (seq, count),
        };
        next_seq = next_seq.max(seq + count);
    }
    let announced = map.word(map.layout().lane(lane) + LANE_ANNOUNCED);
    Lane {
        next_seq: next_seq.max(walk.end).max(walk.lost_to),
        lost: lost.max(announced),
    }
}
