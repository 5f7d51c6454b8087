//! A dead journal's bytes, and which chunk is whose. Every look is within bounds, whatever the bytes say.

use crate::{
    journal::{
        identity::word,
        layout::{
            CHUNK_HEADER, CHUNK_LANE, CHUNK_ORD, CHUNK_SEQ, FRAME, KIND_GAP, KIND_LINK, KIND_RECORD, Layout,
            MAGIC, frame, parts,
        },
    },
    sorted::sorted,
};

/// No lane of a real journal comes that far, in records or in chunks.
pub(super) const MOST: u64 = 1 << 56;

/// The bytes, as they were read; missing ones are zero.
pub(super) struct Map {
    bytes: Vec<u8>,
    layout: Layout,
    /// Lanes, their ordinals, and the chunk of each, in this order.
    index: Vec<(u32, u64, u32)>,
}

/// What stands at a place, if it can be a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing was committed here.
    Nothing,
    /// A record: its seq, and its payload's length.
    Record { seq: u64, len: usize },
    /// A gap.
    Gap { seq: u64, count: u64 },
    /// The lane goes on in this chunk.
    Link { chunk: u32 },
    /// No frame. If its length can be believed, this many bytes.
    Broken { len: Option<usize> },
}

impl Map {
    pub(super) fn new(bytes: Vec<u8>, layout: Layout) -> Self {
        let mut map = Map {
            bytes,
            layout,
            index: Vec::new(),
        };
        for chunk in 0..layout.chunks {
            let at = layout.chunk(chunk);
            let (lane, ord) = (map.word(at + CHUNK_LANE), map.word(at + CHUNK_ORD));
            if map.word(at) == MAGIC && lane < u64::from(layout.lanes) && (1..MOST).contains(&ord) {
                map.index.push((lane as u32, ord, chunk));
            }
        }
        map.index = sorted(std::mem::take(&mut map.index));
        // Of chunks that say the same of themselves, the last counts.
        map.index.dedup_by(|later, kept| {
            let same = (later.0, later.1) == (kept.0, kept.1);
            if same {
                *kept = *later;
            }
            same
        });
        map
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The word at `at`, 0 where there is none.
    pub(super) fn word(&self, at: usize) -> u64 {
        word(&self.bytes, at)
    }

    /// The `len` bytes at `at`, as many of them as there are.
    pub(super) fn bytes(&self, at: usize, len: usize) -> &[u8] {
        let end = at.saturating_add(len).min(self.bytes.len());
        self.bytes.get(at..end).unwrap_or_default()
    }

    /// A lane's chunk.
    pub(super) fn chunk(&self, lane: u32, ord: u64) -> Option<u32> {
        let (found, chunk) = self.chunk_from(lane, ord)?;
        (found == ord).then_some(chunk)
    }

    /// A lane's first chunk from this ordinal on: its ordinal, and which it is.
    pub(super) fn chunk_from(&self, lane: u32, ord: u64) -> Option<(u64, u32)> {
        let place = self
            .index
            .partition_point(|known| (known.0, known.1) < (lane, ord));
        let &(found, ord, chunk) = self.index.get(place)?;
        (found == lane).then_some((ord, chunk))
    }

    /// A lane's last chunk.
    pub(super) fn last_chunk(&self, lane: u32) -> Option<(u64, u32)> {
        let place = self.index.partition_point(|known| known.0 <= lane);
        let &(found, ord, chunk) = self.index.get(place.checked_sub(1)?)?;
        (found == lane).then_some((ord, chunk))
    }

    /// The first of the chunks that follow each other up to the lane's last.
    pub(super) fn first_chunk(&self, lane: u32) -> Option<(u64, u32)> {
        let mut first = self.last_chunk(lane)?;
        while let Some(before) = first
            .0
            .checked_sub(1)
            .and_then(|ord| Some((ord, self.chunk(lane, ord)?)))
        {
            first = before;
        }
        Some(first)
    }

    /// The ordinal of a chunk, if it is this lane's.
    pub(super) fn ord(&self, lane: u32, chunk: u32) -> Option<u64> {
        let ord = self.word(self.layout.chunk(chunk) + CHUNK_ORD);
        (self.chunk(lane, ord) == Some(chunk)).then_some(ord)
    }

    /// The seq of a chunk's first record, if it can be one.
    pub(super) fn seq(&self, chunk: u32) -> Option<u64> {
        Some(self.word(self.layout.chunk(chunk) + CHUNK_SEQ)).filter(|seq| *seq < MOST)
    }

    /// The most frames that a chunk holds.
    pub(super) fn most(&self) -> u64 {
        (self.layout.chunk / FRAME) as u64
    }

    /// What stands in a lane's chunk, at an offset in it.
    pub(super) fn at(&self, lane: u32, chunk: u32, off: usize) -> Found {
        let Layout { chunk: size, .. } = self.layout;
        if off + FRAME > size {
            return Found::Broken { len: None };
        }
        let at = self.layout.chunk(chunk) + off;
        let (word, seq) = (self.word(at), self.word(at + 8));
        if word == 0 {
            return Found::Nothing;
        }
        let (kind, len) = parts(word);
        // The link has its place behind every other frame.
        let fits = off + frame(len) + FRAME <= size;
        let broken = Found::Broken {
            len: fits.then_some(len),
        };
        if word >> 32 != 0 {
            return broken;
        }
        match kind {
            KIND_RECORD if fits && seq < MOST => Found::Record { seq, len },
            KIND_GAP if fits && seq < MOST && len == 8 => match self.word(at + FRAME) {
                count @ 1..MOST => Found::Gap { seq, count },
                _ => broken,
            },
            KIND_LINK if len == 8 => match u32::try_from(seq) {
                Ok(next) if self.follows(lane, chunk, next) => Found::Link { chunk: next },
                _ => Found::Broken { len: None },
            },
            _ => broken,
        }
    }

    /// Whether one chunk of a lane comes after another.
    fn follows(&self, lane: u32, chunk: u32, next: u32) -> bool {
        let ord = |chunk: u32| {
            (chunk < self.layout.chunks)
                .then(|| self.ord(lane, chunk))
                .flatten()
        };
        matches!((ord(chunk), ord(next)), (Some(one), Some(other)) if one + 1 == other)
    }

    /// Whether a place can be where a frame begins.
    pub(super) fn is_place(&self, lane: u32, chunk: u32, off: usize) -> bool {
        chunk < self.layout.chunks
            && off.is_multiple_of(8)
            && (CHUNK_HEADER..self.layout.chunk).contains(&off)
            && self.ord(lane, chunk).is_some()
    }
}
