//! The free chunks, and which of them is taken next. Who holds the others is `pool`'s to know.

use super::layout::Layout;
use std::{collections::VecDeque, ops::Range};

/// How many bytes of chunks must have been released after a chunk before it is taken again, where there are as many. A
/// reader's processor still has the lines of what was released last, and a writer would have to take each of them from it, one
/// after the other: 350 ns a record in place of 110. Those of a while ago have gone from its cache of the second level (1
/// or 2 MiB) by themselves. More would only touch memory that nobody needs.
const COOL: usize = 2 << 20;

/// Some chunks.
pub(crate) struct Free {
    /// Those that were never used.
    fresh: Range<u32>,
    /// The others, the longest free first.
    released: VecDeque<u32>,
    /// How many of these must be left.
    cool: usize,
}

impl Free {
    /// All of them.
    pub(crate) fn all(layout: &Layout) -> Self {
        Free {
            fresh: 0..layout.chunks,
            released: VecDeque::new(),
            cool: COOL / layout.chunk,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.fresh.len() + self.released.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The one that is taken next.
    pub(crate) fn peek(&self) -> Option<u32> {
        match self.takes_fresh() {
            true => Some(self.fresh.start),
            false => self.released.front().copied(),
        }
    }

    pub(crate) fn take(&mut self) -> Option<u32> {
        match self.takes_fresh() {
            true => self.fresh.next(),
            false => self.released.pop_front(),
        }
    }

    fn takes_fresh(&self) -> bool {
        self.released.len() <= self.cool && !self.fresh.is_empty()
    }

    pub(crate) fn release(&mut self, chunk: u32) {
        self.released.push_back(chunk);
    }

    /// Those of the released ones that are taken next.
    pub(crate) fn coming(&self, count: usize) -> Vec<u32> {
        self.released.iter().take(count).copied().collect()
    }

    /// How many were ever used. These are the first ones.
    pub(crate) fn used(&self) -> u32 {
        self.fresh.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_be_next_is_taken_next() {
        let layout = Layout::new(64 << 10, 50);
        let mut free = Free::all(&layout);
        let mut held = VecDeque::new();
        // Until all were used, then with more and more of them held, to the last.
        for round in 0..500_usize {
            let next = free.peek();
            assert_eq!(free.take(), next);
            held.extend(next);
            if held.len() > round / 9 {
                held.pop_front().into_iter().for_each(|chunk| free.release(chunk));
            }
        }
        assert_eq!((free.used(), free.peek(), held.len()), (50, None, 50));
    }
}
