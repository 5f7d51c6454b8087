//! The platform's part: where a region's memory comes from. Anonymous memory, which every platform has, and on Linux a
//! mapped file. What stands in the file is said in `file`.

use super::layout::PAGE;
use crate::Error;
use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    ops::Range,
    ptr::NonNull,
};

/// Memory that begins at a page and lives until it is dropped.
pub(crate) struct Memory {
    start: NonNull<u8>,
    held: Held,
}

enum Held {
    Allocated {
        block: NonNull<u8>,
        layout: Layout,
    },
    #[cfg(target_os = "linux")]
    Mapped {
        len: usize,
        generation: u32,
    },
}

// SAFETY: it owns its memory, and hands out only its address; who uses that answers for it.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Zeroed anonymous memory of `len` bytes. Pages cost nothing until they are touched.
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
        let block = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(refused)?;
        let skip = block.as_ptr().align_offset(PAGE);
        // SAFETY: `skip` is less than the page by which the allocation is longer than `len`.
        let start = unsafe { block.add(skip) };
        let held = Held::Allocated { block, layout };
        Ok(Memory { start, held })
    }

    /// The first `len` bytes of a file, as other processes see them too. A forked child has none of it: it must not
    /// write into its parent's journal.
    ///
    /// # Errors
    /// When the system does not map it.
    ///
    /// # Safety
    /// The file is at least `len` bytes long, its blocks are allocated, and nobody makes it shorter while it is mapped.
    #[cfg(target_os = "linux")]
    pub(crate) unsafe fn mapped(file: &std::fs::File, len: usize) -> std::io::Result<Memory> {
        use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap};
        // SAFETY: a new mapping, where the system wants it; it overlaps nothing. The length is the caller's word.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                file,
                0,
            )
        }?;
        let start = NonNull::new(start.cast()).ok_or(std::io::ErrorKind::AddrNotAvailable)?;
        let memory = Memory {
            start,
            held: Held::Mapped {
                len,
                generation: super::fork::generation(),
            },
        };
        // SAFETY: our own mapping, whole. In a child the addresses are unmapped; `fork` keeps it from touching them.
        unsafe { madvise(start.as_ptr().cast(), len, Advice::LinuxDontFork) }?;
        Ok(memory)
    }

    /// Has the system provide these bytes' pages, ready to be written to, as they are. Where it cannot (Linux before
    /// 5.14, other systems, no memory), each comes when it is first written to.
    pub(crate) fn populate(&self, bytes: Range<usize>) {
        #[cfg(target_os = "linux")]
        {
            use rustix::mm::{Advice, madvise};
            let page = bytes.start & !(PAGE - 1);
            let start = self.start.as_ptr().wrapping_add(page);
            // SAFETY: it changes nothing that can be seen in the memory, wherever that is, and whoever uses it meanwhile.
            let _ = unsafe { madvise(start.cast(), bytes.end - page, Advice::LinuxPopulateWrite) };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// Its first byte.
    #[inline]
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        match self.held {
            // SAFETY: allocated by `anonymous` with this layout, and freed only here.
            Held::Allocated { block, layout } => unsafe { dealloc(block.as_ptr(), layout) },
            #[cfg(target_os = "linux")]
            // A forked child has not got it; something of its own may be there by now.
            Held::Mapped { generation, .. } if generation != super::fork::generation() => {}
            #[cfg(target_os = "linux")]
            Held::Mapped { len, .. } => {
                // SAFETY: mapped by `mapped` with this length in this process, and unmapped only here.
                let gone = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), len) };
                debug_assert!(gone.is_ok());
            }
        }
    }
}
