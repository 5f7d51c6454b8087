//! The reading end: a reader's place in every lane, marks, and acknowledgement. Which chunks become free by that is
//! `pool`'s to know.

mod hole;
mod sight;
#[cfg(all(test, not(loom)))]
mod tests;

use sight::Seen;
pub(crate) use sight::Sight;

use super::{
    Shared,
    bell::Bell,
    layout::{CHUNK_HEADER, FRAME, KIND_GAP, KIND_LINK, KIND_RECORD, cursor, frame, parts, place},
    pool::NONE,
    sync::{
        Mutex,
        Ordering::{Acquire, Relaxed, Release},
        lock,
    },
};
use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{self, AtomicU64},
    },
};

/// What a reader finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A record.
    Record {
        /// Its lane.
        lane: u32,
        /// Its number in the lane, from 0.
        seq: u64,
        /// What was pushed.
        payload: &'a [u8],
    },
    /// Records that the journal could not take: `count` of them, from `seq` on.
    Gap {
        /// Their lane.
        lane: u32,
        /// The first one's number.
        seq: u64,
        /// How many.
        count: u64,
    },
    /// Records that this reader was overtaken at, because it was behind the others and the journal was full.
    Missed {
        /// Their lane.
        lane: u32,
        /// The first one's number.
        seq: u64,
        /// How many numbers.
        count: u64,
        /// How many of these were records; the others had been lost before.
        records: u64,
    },
    /// Records that were in a dead process's journal, or in one whose file was cut, and cannot be read: `count` of them,
    /// from `seq` on.
    Damaged {
        /// Their lane.
        lane: u32,
        /// The first one's number.
        seq: u64,
        /// How many.
        count: u64,
    },
}

/// A place in all lanes, to be acknowledged; from [`Reader::mark`].
#[derive(Debug)]
pub struct Mark {
    places: Vec<(u32, Seen)>,
    crossed: Vec<(u32, u32, u64)>,
    records: u64,
    overtaken: u64,
}

/// One cursor over all lanes. What it has not acknowledged the journal keeps for it.
pub struct Reader {
    shared: Arc<Shared>,
    slot: usize,
    sight: Arc<Mutex<Sight>>,
    tally: Arc<Tally>,
}

/// What others may know of a reader while it works.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Records that it needs no more, with those from before its time.
    done: AtomicU64,
    /// Records that it was overtaken at, and of these those that it has acknowledged.
    overrun: AtomicU64,
    known: AtomicU64,
    /// Records that it has not acknowledged, and that are no longer in the journal.
    gone: AtomicU64,
    /// Rung when chunks run short.
    pub(crate) bell: Bell,
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Option<Reader> {
        let (slot, sight, before) = shared.enter_reader()?;
        let tally = Arc::clone(&lock(&sight).tally);
        tally.done.store(before, atomic::Ordering::Relaxed);
        shared.hang(slot, Some(tally.clone()));
        Some(Reader {
            shared,
            slot,
            sight,
            tally,
        })
    }

    /// Shows what was committed since the last call to `f`, each lane in its order, until `f` breaks (what it was shown
    /// last counts as read) or nothing is left. Returns how many frames it showed. Nothing is acknowledged by that.
    ///
    /// `f` must not log into the same journal under [`OnFull::Block`](super::OnFull::Block): it could wait for itself.
    pub fn poll(&mut self, mut f: impl FnMut(Frame<'_>) -> ControlFlow<()>) -> usize {
        let sight = &mut *lock(&self.sight);
        let mut shown = 0;
        while let Some((lane, seq, count, records)) = sight.missed.pop_front() {
            shown += 1;
            sight.records += records;
            sight.overtaken += records;
            let missed = Frame::Missed {
                lane,
                seq,
                count,
                records,
            };
            if f(missed).is_break() {
                return shown;
            }
        }
        let lanes = self.shared.lanes.load(Acquire) as usize;
        while sight.lanes.len() < lanes {
            sight.begin_nowhere(0, 0);
        }
        if self.shared.is_cut() {
            return shown + self.give_up(sight, &mut f);
        }
        let first = sight.first;
        for lane in (0..lanes).map(|at| (at + first) % lanes) {
            let flow = self.poll_lane(sight, lane as u32, &mut |frame| {
                shown += 1;
                f(frame)
            });
            if flow.is_break() {
                // The others come first next time.
                sight.first = lane + 1;
                return shown;
            }
        }
        if shown == 0 && self.shared.is_short() && self.shared.parked.load(Relaxed) > 0 {
            self.shared.leave_resting(self.slot, sight);
        }
        shown
    }

    fn poll_lane(
        &self,
        sight: &mut Sight,
        lane: u32,
        f: &mut impl FnMut(Frame<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (shared, seen) = (&*self.shared, &mut sight.lanes[lane as usize]);
        if seen.chunk == NONE {
            // SAFETY: a word of the cursor table.
            let cell = unsafe { shared.region.word(shared.layout.cursor(self.slot, lane)) }.load(Acquire);
            let Some(place) = place(cell) else {
                return ControlFlow::Continue(());
            };
            (seen.chunk, seen.off) = place;
            seen.ord = shared.begin(seen.chunk).ord;
            seen.acked = (seen.ord, seen.off);
        }
        loop {
            let at = shared.layout.chunk(seen.chunk) + seen.off;
            // SAFETY: the place behind the last frame that was read, or a chunk's first: there is always a word.
            let word = unsafe { shared.region.word(at) }.load(Acquire);
            if word == 0 {
                return ControlFlow::Continue(());
            }
            // SAFETY: the second word of a committed frame.
            let seq = unsafe { shared.region.word(at + 8) }.load(Relaxed);
            let (kind, len) = parts(word);
            // A link has no payload.
            if !self.is_whole(at, if kind == KIND_LINK { 0 } else { len }) {
                return ControlFlow::Break(());
            }
            seen.moved = true;
            if kind == KIND_LINK {
                sight.crossed.push((seen.chunk, lane, seen.ord));
                seen.chunk = seq as u32;
                seen.off = CHUNK_HEADER;
                seen.ord += 1;
                continue;
            }
            seen.off += frame(len);
            let show = |payload: &[u8]| {
                if kind == KIND_GAP {
                    let count = payload.try_into().map_or(0, u64::from_ne_bytes);
                    seen.next = seq + count;
                    seen.lost += count;
                    return f(Frame::Gap { lane, seq, count });
                }
                debug_assert_eq!(kind, KIND_RECORD);
                seen.next = seq + 1;
                sight.records += 1;
                f(Frame::Record { lane, seq, payload })
            };
            // SAFETY: a committed frame's payload. Its chunk is not recycled before this reader acknowledges it or is
            // overtaken, which needs the sight that is held here.
            unsafe { shared.region.read(at + FRAME, len, show) }?;
        }
    }

    /// Everything that was shown since the last mark, to be acknowledged.
    pub fn mark(&mut self) -> Mark {
        let sight = &mut *lock(&self.sight);
        let mut places = Vec::new();
        for (lane, seen) in sight.lanes.iter_mut().enumerate() {
            if std::mem::take(&mut seen.moved) {
                places.push((lane as u32, seen.clone()));
            }
        }
        Mark {
            places,
            crossed: std::mem::take(&mut sight.crossed),
            records: std::mem::take(&mut sight.records),
            overtaken: std::mem::take(&mut sight.overtaken),
        }
    }

    /// Moves the cursor to a mark: what lies before it is not kept for this reader any more. Marks are acknowledged in
    /// the order in which they were made; one that was left out is acknowledged by the next.
    pub fn ack(&mut self, mark: Mark) {
        let mut sight = lock(&self.sight);
        for (lane, place) in &mark.places {
            sight.acknowledge(*lane, place);
            let seen = &mut sight.lanes[*lane as usize];
            if (place.ord, place.off) > seen.acked {
                seen.acked = (place.ord, place.off);
                // SAFETY: a word of the cursor table.
                unsafe {
                    self.shared
                        .region
                        .word(self.shared.layout.cursor(self.slot, *lane))
                }
                .store(cursor(place.chunk, place.off), Release);
            }
        }
        self.tally
            .known
            .fetch_add(mark.overtaken, atomic::Ordering::Relaxed);
        self.tally.done.fetch_add(mark.records, atomic::Ordering::Release);
        drop(sight);
        // The cursor moves before the chunk may be used again.
        if !mark.crossed.is_empty() {
            self.shared.pass(self.slot, &mark.crossed);
        }
    }

    /// Acknowledges everything that was shown.
    pub fn ack_all(&mut self) {
        let mark = self.mark();
        self.ack(mark);
    }

    /// Whether each lane is acknowledged up to these seqs (from [`Journal::committed`](super::Journal::committed)).
    #[must_use]
    pub fn has_acked(&self, upto: &[u64]) -> bool {
        let sight = lock(&self.sight);
        let acked = |lane: usize| sight.lanes.get(lane).map_or(0, |seen| seen.acked_next);
        upto.iter().enumerate().all(|(lane, &seq)| acked(lane) >= seq)
    }

    pub(crate) fn slot(&self) -> usize {
        self.slot
    }

    /// Whether the journal runs short because of what this reader has not acknowledged.
    #[must_use]
    pub fn is_in_the_way(&self) -> bool {
        self.shared.waits_for(self.slot)
    }

    /// Says whether this reader may be overtaken (as in the beginning), when it is behind others and chunks run short.
    /// One that is not costs all of them records when it does not read.
    pub fn hold(&self, on: bool) {
        let own = 1 << self.slot;
        if on {
            self.shared.held.fetch_or(own, Relaxed);
        } else if self.shared.held.fetch_and(!own, Relaxed) & own != 0 {
            self.shared.look_again();
        }
    }

    pub(crate) fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }
}

impl Tally {
    /// How many records the reader needs no more, of all that the journal ever took.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(atomic::Ordering::Acquire)
    }

    /// How many it was ever overtaken at.
    pub(crate) fn overrun(&self) -> u64 {
        self.overrun.load(atomic::Ordering::Relaxed)
    }

    /// How many of those that it has not acknowledged are no longer in the journal: those that it missed, and what the
    /// sink has not taken yet.
    pub(crate) fn gone(&self) -> u64 {
        self.gone.load(atomic::Ordering::Relaxed)
    }

    /// How many of those that it has not acknowledged it was overtaken at before it read them.
    pub(crate) fn missed(&self) -> u64 {
        let known = self.known.load(atomic::Ordering::Relaxed);
        self.overrun().saturating_sub(known)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.hold(false);
        self.shared.hang(self.slot, None);
        // What it has not acknowledged in a file, the next process will.
        if !self.shared.is_durable() {
            self.shared.leave_reader(self.slot);
        }
    }
}
