//! The bytes of a journal, and the few ways to touch them. What they mean is said in `layout`.

use super::sync::AtomicU64;
use crate::Error;
use std::ops::Range;

/// One span of memory, shared by all threads.
#[cfg(not(loom))]
pub(crate) struct Region {
    memory: super::memory::Memory,
    len: usize,
}

#[cfg(not(loom))]
impl Region {
    /// A region of `len` zeroed bytes.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn anonymous(len: usize) -> Result<Region, Error> {
        let memory = super::memory::Memory::anonymous(len)?;
        Ok(Region::of(memory, len))
    }

    /// The first `len` bytes of this memory, which has as many.
    pub(crate) fn of(memory: super::memory::Memory, len: usize) -> Region {
        Region { memory, len }
    }

    /// Has the processor fetch the lines of cache at `at` that a record takes, to be written to soon: it does so by itself for
    /// what is written in a row, but not over a page's end, and 8 lines are a record. p99 350 ns in place of 440, and
    /// where the reader's core has another cache of the third level, a median of 100 in place of 165. A wish; elsewhere nothing is done.
    #[inline(always)]
    pub(crate) fn prefetch(&self, at: usize) {
        #[cfg(target_arch = "x86_64")]
        for line in 0..8 {
            let place = self.memory.start().as_ptr().wrapping_add(at + 64 * line);
            // SAFETY: it touches nothing, wherever that is, and changes nothing that a program sees. The intrinsic that is
            // there for it asks for a line to be read, which is another wish.
            unsafe {
                core::arch::asm!("prefetchw [{}]", in(reg) place, options(nostack, preserves_flags));
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = at;
    }

    /// Makes these bytes ready to be written to, as many as there are of them.
    pub(crate) fn populate(&self, bytes: Range<usize>) {
        self.memory.populate(bytes.start..bytes.end.min(self.len));
    }

    /// Where it begins.
    #[cfg(all(target_os = "linux", feature = "signals"))]
    pub(crate) fn start(&self) -> *const u8 {
        self.memory.start().as_ptr()
    }

    /// The word at `at`.
    ///
    /// # Safety
    /// `at` is a multiple of 8 and the word lies inside the region. It is no part of a payload that
    /// [`write`](Self::write) writes or [`read`](Self::read) reads at the same time.
    #[inline]
    pub(crate) unsafe fn word(&self, at: usize) -> &AtomicU64 {
        debug_assert!(at.is_multiple_of(8) && at + 8 <= self.len);
        // SAFETY: the caller's word: inside the region, which begins at a page, so aligned.
        unsafe { AtomicU64::from_ptr(self.memory.start().as_ptr().add(at).cast()) }
    }

    /// Copies `bytes` to `at`.
    ///
    /// # Safety
    /// They fit into the region, and no other thread touches that place until a release store has handed it over.
    #[inline]
    pub(crate) unsafe fn write(&self, at: usize, bytes: &[u8]) {
        debug_assert!(at + bytes.len() <= self.len);
        // SAFETY: the caller's word; the source is a borrow of other memory, since nobody holds a mutable one of ours.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.memory.start().as_ptr().add(at), bytes.len())
        }
    }

    /// Shows the `len` bytes at `at` to `f`.
    ///
    /// # Safety
    /// They lie inside the region, an acquire load has seen them committed, and they stay as they are until `f` returns.
    #[inline]
    pub(crate) unsafe fn read<R>(&self, at: usize, len: usize, f: impl FnOnce(&[u8]) -> R) -> R {
        debug_assert!(at + len <= self.len);
        // SAFETY: the caller's word.
        f(unsafe { std::slice::from_raw_parts(self.memory.start().as_ptr().add(at), len) })
    }
}

/// The same for the model: every word is an atomic that loom knows, so that a missing order shows as a stale one.
#[cfg(loom)]
pub(crate) struct Region {
    words: Vec<AtomicU64>,
}

#[cfg(loom)]
impl Region {
    pub(crate) fn populate(&self, _bytes: Range<usize>) {}

    pub(crate) fn prefetch(&self, _at: usize) {}

    pub(crate) fn anonymous(len: usize) -> Result<Region, Error> {
        Ok(Region {
            words: (0..len.div_ceil(8)).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// # Safety
    /// As above; here nothing can go wrong.
    pub(crate) unsafe fn word(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8));
        &self.words[at / 8]
    }

    /// # Safety
    /// As above; here nothing can go wrong.
    pub(crate) unsafe fn write(&self, at: usize, bytes: &[u8]) {
        for (word, part) in self.words[at / 8..].iter().zip(bytes.chunks(8)) {
            let mut padded = [0; 8];
            padded[..part.len()].copy_from_slice(part);
            word.store(u64::from_ne_bytes(padded), super::sync::Ordering::Relaxed);
        }
    }

    /// # Safety
    /// As above; here nothing can go wrong.
    pub(crate) unsafe fn read<R>(&self, at: usize, len: usize, f: impl FnOnce(&[u8]) -> R) -> R {
        let words = self.words[at / 8..].iter().take(len.div_ceil(8));
        let bytes: Vec<u8> = words
            .flat_map(|word| word.load(super::sync::Ordering::Relaxed).to_ne_bytes())
            .collect();
        f(&bytes[..len])
    }
}
