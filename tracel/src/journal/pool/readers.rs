//! Readers: entered, taken out, overtaken; and the chunks that become free when they have passed them.

use super::{NONE, Pool};
use crate::journal::{
    Shared,
    layout::{CHUNK_HEADER, LANE_ANNOUNCED, LANE_COMMITTED, LEFT, READERS, cursor, place},
    reader::Sight,
    sync::{
        Mutex,
        Ordering::{Acquire, Relaxed, Release},
        lock, try_lock,
    },
};
use std::sync::Arc;

impl Shared {
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

    /// Has writers look again for whom they may overtake, which they do not as long as nobody has moved: one may be
    /// overtaken from now on that was not before.
    pub(crate) fn look_again(&self) {
        lock(&self.pool).moved = true;
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
        self.note_free(pool);
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
    pub(super) fn spared(&self) -> usize {
        (self.layout.chunks as usize / 8).max(1)
    }

    /// Frees some of the oldest chunks that a part of the readers has passed: the others miss what they had not read
    /// of them. Without this, one sink that never answers would take the queue away from all.
    pub(super) fn overtake(&self, pool: &mut Pool) {
        if pool.live.count_ones() < 2 || !pool.moved {
            return;
        }
        let held = self.held.load(Relaxed);
        let mut reads = false;
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
                    reads = true;
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
        pool.moved = reads || pool.free.len() >= self.spared();
    }
}
