//! Lanes: opened for a thread, and parked for the next one.

use super::{NONE, Pool};
use crate::journal::{
    Shared,
    lane::Writer,
    layout::{READERS, cursor, place},
    sync::{
        Ordering::{Relaxed, Release},
        lock,
    },
};

impl Shared {
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
}
