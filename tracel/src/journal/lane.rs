//! A lane's writing end: the hot path, and what happens at a chunk's end. Who owns which lane is said in `slot`.

use super::{
    Shared,
    layout::{
        CHUNK_HEADER, FRAME, GAP, KIND_GAP, KIND_LINK, KIND_RECORD, LANE_ANNOUNCED, LANE_COMMITTED,
        LANE_LOST_TO, PAGE, frame, word,
    },
    pool::NONE,
    sync::Ordering::{Relaxed, Release},
};
use std::hint::cold_path;

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No chunk is free.
    Full,
    /// It is longer than a chunk holds.
    TooLong,
}

/// The one who may write to a lane. It holds offsets only, so that it may outlive its journal. What each record needs comes
/// first, in one line of the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Writer {
    pub(crate) lane: u32,
    /// The chunk that it writes to; [`NONE`] when the lane rests without one.
    pub(crate) chunk: u32,
    /// Where the next frame begins, in the region.
    pub(crate) at: usize,
    /// Where frames must end. Equal to `at` when the next record needs a look before it is written.
    pub(crate) limit: usize,
    /// The next record's.
    pub(crate) seq: u64,
    /// The first record that was lost since the last one that was written; `seq` when none was.
    pub(crate) lost_from: u64,
    /// Which of the lane's chunks it writes to, from 1.
    pub(crate) ord: u64,
    /// How many losses its gap frames have announced.
    pub(crate) announced: u64,
}

impl Writer {
    /// Of a lane that has no chunk yet.
    pub(crate) fn new(lane: u32) -> Self {
        Writer {
            lane,
            chunk: NONE,
            ord: 0,
            at: 0,
            limit: 0,
            seq: 0,
            lost_from: 0,
            announced: 0,
        }
    }

    /// Writes a record and commits it. When that cannot be, and it is `last` (nobody will try again), or the record is
    /// too long for ever, the record is counted as lost under its seq.
    #[inline(always)]
    pub(crate) fn push(&mut self, shared: &Shared, payload: &[u8], last: bool) -> Result<(), Refusal> {
        if frame(payload.len()) > self.limit - self.at {
            self.make_room(shared, payload.len(), last)?;
        }
        self.write(shared, KIND_RECORD, self.seq, payload);
        self.seq += 1;
        self.lost_from = self.seq;
        let lane = shared.layout.lane(self.lane) + LANE_COMMITTED;
        // SAFETY: a word of the lane's entry.
        unsafe { shared.region.word(lane) }.store(self.seq, Release);
        Ok(())
    }

    /// Writes one frame; it fits before `limit`, so at least a frame's header is left behind it.
    #[inline(always)]
    fn write(&mut self, shared: &Shared, kind: u8, seq: u64, payload: &[u8]) {
        let region = &shared.region;
        let next = self.at + frame(payload.len());
        // SAFETY: `at..next + 8` lies in the chunk that this writer holds (`limit` leaves room for a link), and frames
        // are multiples of 8. Readers look at the word at `next` only after the release store below.
        unsafe {
            region.word(self.at + 8).store(seq, Relaxed);
            region.write(self.at + FRAME, payload);
            region.word(next).store(0, Relaxed);
            region.word(self.at).store(word(kind, payload.len()), Release);
        }
        if self.at / PAGE != next / PAGE {
            cold_path();
            let page = (next & !(PAGE - 1)) + PAGE;
            match page < self.limit {
                true => region.prefetch(page),
                // It goes on elsewhere: there, if no other lane takes it before.
                false => shared.prefetch_next_chunk(),
            }
        }
        self.at = next;
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, shared: &Shared, len: usize, last: bool) -> Result<(), Refusal> {
        if len > shared.layout.max_payload() {
            self.lose(shared);
            return Err(Refusal::TooLong);
        }
        let gap = if self.lost_from < self.seq { GAP } else { 0 };
        if self.at + gap + frame(len) > shared.layout.limit(self.chunk) {
            let Some(chunk) = shared.next_chunk(self, last) else {
                if last {
                    self.lose(shared);
                }
                return Err(Refusal::Full);
            };
            // The link: its place was kept free, and it is the chunk's last frame, so nothing is zeroed behind it.
            // SAFETY: as in `write`, without the word behind.
            unsafe {
                shared.region.word(self.at + 8).store(u64::from(chunk), Relaxed);
                shared.region.word(self.at).store(word(KIND_LINK, 8), Release);
            }
            self.ord += 1;
            self.enter(shared, chunk);
        }
        self.limit = shared.layout.limit(self.chunk);
        if gap > 0 {
            let count = self.seq - self.lost_from;
            self.write(shared, KIND_GAP, self.lost_from, &count.to_ne_bytes());
            self.announced += count;
            self.lost_from = self.seq;
            let lane = shared.layout.lane(self.lane);
            // SAFETY: words of the lane's entry.
            unsafe {
                shared.region.word(lane + LANE_COMMITTED).store(self.seq, Release);
                shared
                    .region
                    .word(lane + LANE_ANNOUNCED)
                    .store(self.announced, Release);
            }
        }
        Ok(())
    }

    /// Goes on at a chunk's begin.
    pub(crate) fn enter(&mut self, shared: &Shared, chunk: u32) {
        self.chunk = chunk;
        self.at = shared.layout.chunk(chunk) + CHUNK_HEADER;
        self.limit = shared.layout.limit(chunk);
    }

    /// Counts a record that could not be written: it takes its seq, and the next frame will be the gap's.
    fn lose(&mut self, shared: &Shared) {
        self.seq += 1;
        self.limit = self.at;
        let lane = shared.layout.lane(self.lane) + LANE_LOST_TO;
        // SAFETY: a word of the lane's entry.
        unsafe { shared.region.word(lane) }.store(self.seq, Release);
    }
}
