//! The platform's part: where a region's memory comes from. Anonymous memory, which every platform has.

use crate::Error;
use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    ptr::NonNull,
};

const PAGE: usize = 4096;

/// Zeroed memory that begins at a page and lives until it is dropped.
pub(crate) struct Memory {
    start: NonNull<u8>,
    allocated: NonNull<u8>,
    layout: Layout,
}

// SAFETY: it owns its memory, and hands out only its address; who uses that answers for it.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Anonymous memory of `len` bytes. Pages cost nothing until they are touched.
    ///
    /// # Errors
    /// When the system has none.
    pub(crate) fn anonymous(len: usize) -> Result<Memory, Error> {
        let refused =
            || Error::new(format!("no memory for a journal of {len} bytes")).help("choose a smaller journal");
        // The alignment that every allocator gives by itself: with a greater one the standard library clears the
        // memory by hand and so touches every page.
        let layout =
            Layout::from_size_align(len.checked_add(PAGE).ok_or_else(refused)?, 16).map_err(|_| refused())?;
        // SAFETY: the layout's size is at least a page, so not zero.
        let allocated = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(refused)?;
        let skip = allocated.as_ptr().align_offset(PAGE);
        // SAFETY: `skip` is less than the page by which the allocation is longer than `len`.
        let start = unsafe { allocated.add(skip) };
        Ok(Memory {
            start,
            allocated,
            layout,
        })
    }

    /// Its first byte.
    #[inline]
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated by `anonymous` with this layout, and freed only here.
        unsafe { dealloc(self.allocated.as_ptr(), self.layout) }
    }
}
