//! The chunks: which are free, which lane holds which, who has passed them, which lanes rest. All under one lock,
//! which writers take on chunk change only. Here the books, and how a lane goes on; `lanes` and `readers` come and go
//! beside it. How records are read is said in `reader`.

mod lanes;
mod readers;

use super::{
    Shared,
    free::Free,
    lane::Writer,
    layout::{CHUNK_HEADER, CHUNK_LANE, CHUNK_LOST, CHUNK_ORD, CHUNK_SEQ, Layout, MAGIC, READERS},
    reader::Sight,
    sync::{Mutex, Ordering::Relaxed, lock},
};
use std::sync::Arc;

/// No chunk.
pub(crate) const NONE: u32 = u32::MAX;

/// What is known of a chunk.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    lane: u32,
    ord: u64,
    /// The lane's next one; [`NONE`] for its last.
    next: u32,
    /// When it was taken, against all others.
    birth: u64,
    /// The readers that need it no more, one bit each.
    passed: u32,
}

/// What a chunk's header says: its lane's state where the chunk begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin {
    pub(crate) ord: u64,
    pub(crate) seq: u64,
    pub(crate) lost: u64,
}

/// The books.
pub(crate) struct Pool {
    pub(crate) free: Free,
    chunks: Vec<Chunk>,
    /// Each lane's oldest chunk that is not recycled yet.
    pub(crate) oldest: Vec<u32>,
    pub(crate) parked: Vec<Writer>,
    /// The readers there are, one bit each.
    pub(crate) live: u32,
    pub(crate) readers: [Option<Arc<Mutex<Sight>>>; READERS],
    /// Writers that wait for a chunk.
    pub(crate) waiting: u32,
    births: u64,
    /// Whether anyone has passed a chunk since the last time that nothing could be overtaken.
    moved: bool,
}

impl Pool {
    pub(crate) fn new(layout: &Layout) -> Self {
        let lanes = layout.lanes as usize;
        let unused = Chunk {
            lane: 0,
            ord: 0,
            next: NONE,
            birth: 0,
            passed: 0,
        };
        Pool {
            free: Free::all(layout),
            chunks: vec![unused; layout.chunks as usize],
            oldest: Vec::with_capacity(lanes),
            parked: Vec::with_capacity(lanes),
            live: 0,
            readers: [const { None }; READERS],
            waiting: 0,
            births: 0,
            moved: false,
        }
    }
}

impl Shared {
    /// Reads a chunk's header. Its chunk is held by a lane, and the caller has the pool or a frame that links to it.
    pub(crate) fn begin(&self, chunk: u32) -> Begin {
        let header = self.layout.chunk(chunk);
        // SAFETY: words of the chunk's header, written before the chunk was handed over under the lock or by a link.
        unsafe {
            Begin {
                ord: self.region.word(header + CHUNK_ORD).load(Relaxed),
                seq: self.region.word(header + CHUNK_SEQ).load(Relaxed),
                lost: self.region.word(header + CHUNK_LOST).load(Relaxed),
            }
        }
    }

    /// A new chunk for a writer that has filled its own. `force`: nobody will wait, so readers that are behind the
    /// others may be overtaken.
    pub(crate) fn next_chunk(&self, writer: &Writer, force: bool) -> Option<u32> {
        let (chunk, low) = {
            let mut pool = lock(&self.pool);
            if force && pool.free.len() < self.spared() {
                self.overtake(&mut pool);
            }
            let chunk = self.take(&mut pool, writer);
            if let Some(chunk) = chunk {
                pool.chunks[writer.chunk as usize].next = chunk;
            }
            (chunk, pool.free.len() < self.layout.chunks as usize / 2)
        };
        if low {
            self.ring();
        }
        chunk
    }

    /// Tells those without the lock what is free.
    fn note_free(&self, pool: &Pool) {
        self.ahead.note(&pool.free, pool.births);
    }

    /// Takes a free chunk and writes its header; its first frame's word is zero.
    fn take(&self, pool: &mut Pool, writer: &Writer) -> Option<u32> {
        let chunk = pool.free.take()?;
        pool.births += 1;
        self.note_free(pool);
        let ord = writer.ord + 1;
        pool.chunks[chunk as usize] = Chunk {
            lane: writer.lane,
            ord,
            next: NONE,
            birth: pool.births,
            passed: 0,
        };
        let header = self.layout.chunk(chunk);
        // SAFETY: words of a free chunk, which nobody else touches; the lock or the link hands them over.
        unsafe {
            self.region.word(header + CHUNK_HEADER).store(0, Relaxed);
            self.region
                .word(header + CHUNK_LANE)
                .store(u64::from(writer.lane), Relaxed);
            self.region.word(header + CHUNK_ORD).store(ord, Relaxed);
            self.region
                .word(header + CHUNK_SEQ)
                .store(writer.lost_from, Relaxed);
            self.region
                .word(header + CHUNK_LOST)
                .store(writer.announced, Relaxed);
            self.region.word(header).store(MAGIC, Relaxed);
        }
        Some(chunk)
    }
}
