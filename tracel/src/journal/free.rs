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

    pub(crate) fn take(&mut self) -> Option<u32> {
        if self.released.len() <= self.cool
            && let Some(chunk) = self.fresh.next()
        {
            return Some(chunk);
        }
        self.released.pop_front()
    }

    pub(crate) fn release(&mut self, chunk: u32) {
        self.released.push_back(chunk);
    }

    /// How many chunks are used as long as `held` are held at once.
    pub(crate) fn used_by(&self, held: usize) -> usize {
        self.cool + 1 + held
    }
}
