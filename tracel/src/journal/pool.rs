//! The chunks: which are free, which lane holds which, who has passed them, which lanes rest. All under one lock,
//! which writers take on chunk change only. How records are read is said in `reader`.

use super::{
    Shared,
    free::Free,
    lane::Writer,
    layout::{
        CHUNK_HEADER, CHUNK_LANE, CHUNK_LOST, CHUNK_ORD, CHUNK_SEQ, LANE_ANNOUNCED, LANE_COMMITTED, LEFT,
        Layout, MAGIC, READERS, cursor, place,
    },
    reader::Sight,
    sync::{
        Mutex,
        Ordering::{Acquire, Relaxed, Release},
        lock, try_lock,
    },
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

    /// Makes the memory ready that records are written to first: a page that comes when it is first written to takes its
    /// caller a microsecond, and of a new process's records each seventh would have one.
    pub(crate) fn warm(&self) {
        // One of the common lane, one that is being filled, and what comes while the reader's thread sleeps.
        let chunks = lock(&self.pool).free.used_by(12).min(self.layout.chunks as usize);
        self.region.populate(self.layout.chunk(chunks as u32));
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

    /// Takes a free chunk and writes its header; its first frame's word is zero.
    fn take(&self, pool: &mut Pool, writer: &Writer) -> Option<u32> {
        let chunk = pool.free.take()?;
        self.free.store(pool.free.len() as u32, Relaxed);
        let ord = writer.ord + 1;
        pool.births += 1;
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

    /// A lane for a thread: one that rests, else a new one. `None` when there is none, or too few chunks are free.
    pub(crate) fn open_lane(&self) -> Option<Writer> {
        let mut pool = lock(&self.pool);
        let with_chunk = pool.parked.iter().rposition(|writer| writer.chunk != NONE);
        // The last chunks are for lanes that are full, not for those that begin.
        let scarce = !pool.oldest.is_empty() && pool.free.len() <= self.layout.chunks as usize / 8;
        if with_chunk.is_none() && scarce {
            return None;
        }
        if let Some(at) = with_chunk.or(pool.parked.len().checked_sub(1)) {
            let mut writer = pool.parked.swap_remove(at);
            if writer.chunk == NONE && self.settle_in(&mut pool, &mut writer).is_none() {
                pool.parked.push(writer);
                return None;
            }
            self.parked.store(pool.parked.len() as u32, Relaxed);
            self.show(&mut pool, &writer);
            return Some(writer);
        }
        let lane = pool.oldest.len() as u32;
        if lane == self.layout.lanes {
            return None;
        }
        let mut writer = Writer::new(lane);
        pool.oldest.push(NONE);
        if self.settle_in(&mut pool, &mut writer).is_none() {
            pool.oldest.pop();
            return None;
        }
        self.show(&mut pool, &writer);
        self.lanes.store(lane + 1, Release);
        Some(writer)
    }

    /// Gives a lane without a chunk one.
    fn settle_in(&self, pool: &mut Pool, writer: &mut Writer) -> Option<()> {
        let chunk = self.take(pool, writer)?;
        pool.oldest[writer.lane as usize] = chunk;
        writer.ord = pool.chunks[chunk as usize].ord;
        writer.enter(self, chunk);
        Some(())
    }

    /// Points those readers that have left the lane to where it goes on.
    fn show(&self, pool: &mut Pool, writer: &Writer) {
        for reader in (0..READERS).filter(|reader| pool.live & (1 << reader) != 0) {
            // SAFETY: a word of the cursor table. While it is nowhere its reader only looks at it.
            let cell = unsafe { self.region.word(self.layout.cursor(reader, writer.lane)) };
            if place(cell.load(Relaxed)).is_none() {
                pool.chunks[writer.chunk as usize].passed &= !(1 << reader);
                cell.store(
                    cursor(writer.chunk, writer.at - self.layout.chunk(writer.chunk)),
                    Release,
                );
            }
        }
    }

    /// Keeps a dead thread's lane for the next one.
    pub(crate) fn park(&self, writer: Writer) {
        let mut pool = lock(&self.pool);
        pool.parked.push(writer);
        self.parked.store(pool.parked.len() as u32, Relaxed);
    }

    /// Enters a reader: it begins at each lane's oldest record. `None` when there are too many.
    pub(crate) fn enter_reader(&self) -> Option<(usize, Arc<Mutex<Sight>>, u64)> {
        let mut pool = lock(&self.pool);
        let slot = pool.readers.iter().position(Option::is_none)?;
        let mut sight = Sight::default();
        let mut before = 0;
        for chunk in &mut pool.chunks {
            chunk.passed &= !(1 << slot);
        }
        for lane in 0..pool.oldest.len() as u32 {
            let oldest = pool.oldest[lane as usize];
            // SAFETY: words of the cursor table and of the lane's entry.
            unsafe {
                let cell = self.region.word(self.layout.cursor(slot, lane));
                if oldest == NONE {
                    let entry = self.layout.lane(lane);
                    let lost = self.region.word(entry + LANE_ANNOUNCED).load(Acquire);
                    let seq = self.region.word(entry + LANE_COMMITTED).load(Acquire);
                    cell.store(LEFT, Release);
                    sight.begin_nowhere(seq, lost);
                    before += seq - lost;
                } else {
                    let begin = self.begin(oldest);
                    cell.store(cursor(oldest, CHUNK_HEADER), Release);
                    sight.begin_at(oldest, begin);
                    before += begin.seq - begin.lost;
                }
            }
        }
        let sight = Arc::new(Mutex::new(sight));
        pool.readers[slot] = Some(sight.clone());
        pool.live |= 1 << slot;
        Some((slot, sight, before))
    }

    /// Takes a reader out: what it alone had not passed is free.
    pub(crate) fn leave_reader(&self, slot: usize) {
        let mut pool = lock(&self.pool);
        pool.readers[slot] = None;
        pool.live &= !(1 << slot);
        pool.moved = true;
        for lane in 0..pool.oldest.len() as u32 {
            self.recycle(&mut pool, lane);
        }
    }

    /// Notes that a reader needs these chunks (with their lane and its ordinal) no more.
    pub(crate) fn pass(&self, slot: usize, crossed: &[(u32, u32, u64)]) {
        let mut pool = lock(&self.pool);
        pool.moved = true;
        for &(chunk, lane, ord) in crossed {
            let book = &mut pool.chunks[chunk as usize];
            // It may have been overtaken, and be another lane's by now.
            if book.lane == lane && book.ord == ord {
                book.passed |= 1 << slot;
                self.recycle(&mut pool, lane);
            }
        }
    }

    /// Lets a reader that has passed all of a resting lane leave it, so that its last chunk becomes free. Called with
    /// the reader's own sight, when chunks are short.
    pub(crate) fn leave_resting(&self, slot: usize, sight: &mut Sight) {
        let mut pool = lock(&self.pool);
        for at in 0..pool.parked.len() {
            let writer = &pool.parked[at];
            let (lane, chunk, offset) = (writer.lane, writer.chunk, writer.at);
            if chunk == NONE || writer.lost_from != writer.seq {
                continue;
            }
            if sight.leave(lane, chunk, offset - self.layout.chunk(chunk)) {
                // SAFETY: a word of the cursor table.
                unsafe { self.region.word(self.layout.cursor(slot, lane)) }.store(LEFT, Release);
                pool.chunks[chunk as usize].passed |= 1 << slot;
                self.recycle(&mut pool, lane);
            }
        }
    }

    /// Frees a lane's chunks from the oldest on, as far as all readers have passed them.
    fn recycle(&self, pool: &mut Pool, lane: u32) {
        loop {
            let oldest = pool.oldest[lane as usize];
            if oldest == NONE || pool.live == 0 {
                break;
            }
            let book = &pool.chunks[oldest as usize];
            if book.passed & pool.live != pool.live {
                break;
            }
            let next = book.next;
            if next == NONE {
                // Everyone has left the lane: it rests without a chunk.
                let Some(writer) = pool.parked.iter_mut().find(|writer| writer.lane == lane) else {
                    break;
                };
                writer.chunk = NONE;
                writer.limit = writer.at;
            }
            pool.oldest[lane as usize] = next;
            pool.free.release(oldest);
        }
        self.free.store(pool.free.len() as u32, Relaxed);
        if pool.waiting > 0 && !pool.free.is_empty() {
            self.room.notify_all();
        }
    }

    /// Whether more full chunks wait for this reader than are free, while these run short. Chunks that lanes of other
    /// threads have begun and not filled are no reader's fault.
    pub(crate) fn waits_for(&self, slot: usize) -> bool {
        if !self.is_short() {
            return false;
        }
        let pool = lock(&self.pool);
        let mut full = 0;
        for &oldest in &pool.oldest {
            let mut chunk = oldest;
            while chunk != NONE && pool.chunks[chunk as usize].next != NONE {
                full += usize::from(pool.chunks[chunk as usize].passed & (1 << slot) == 0);
                chunk = pool.chunks[chunk as usize].next;
            }
        }
        full > pool.free.len()
    }

    /// How many chunks are kept free at the cost of readers that are behind the others.
    fn spared(&self) -> usize {
        (self.layout.chunks as usize / 8).max(1)
    }

    /// Frees some of the oldest chunks that a part of the readers has passed: the others miss what they had not read
    /// of them. Without this, one sink that never answers would take the queue away from all.
    fn overtake(&self, pool: &mut Pool) {
        if pool.live.count_ones() < 2 || !pool.moved {
            return;
        }
        let held = self.held.load(Relaxed);
        while pool.free.len() < self.spared() {
            let candidate = pool
                .oldest
                .iter()
                .filter(|&&chunk| chunk != NONE)
                .map(|&chunk| (chunk, &pool.chunks[chunk as usize]))
                .filter(|(_, book)| book.next != NONE && book.passed & pool.live != 0)
                .filter(|(_, book)| pool.live & !book.passed & held == 0)
                .min_by_key(|(_, book)| book.birth);
            let Some((chunk, book)) = candidate else {
                break;
            };
            let (lane, next, behind) = (book.lane, book.next, pool.live & !book.passed);
            let begins = (self.begin(chunk), self.begin(next));
            for slot in (0..READERS).filter(|slot| behind & (1 << slot) != 0) {
                let Some(sight) = pool.readers[slot].clone() else {
                    continue;
                };
                // A reader that reads just now holds its sight. Next time.
                let Some(mut sight) = try_lock(&sight) else {
                    continue;
                };
                sight.overtake(lane, (chunk, begins.0), (next, begins.1));
                // SAFETY: a word of the cursor table; its reader moves it under the lock that is held.
                let cell = unsafe { self.region.word(self.layout.cursor(slot, lane)) };
                if place(cell.load(Relaxed)).is_some_and(|(at, _)| at == chunk) {
                    cell.store(cursor(next, CHUNK_HEADER), Release);
                }
                pool.chunks[chunk as usize].passed |= 1 << slot;
            }
            if pool.chunks[chunk as usize].passed & pool.live != pool.live {
                break;
            }
            self.recycle(pool, lane);
        }
        pool.moved = pool.free.len() >= self.spared();
    }
}
