//! Whether this process is a fork of the one that made a journal. A child has none of its parent's threads and lanes: it
//! must not write there.

use std::{
    ffi::c_int,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// How many forks lie between the first process and this one, since somebody watches.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// This process's generation: another one is another process.
#[inline]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Relaxed)
}

/// Counts forks from now on. A child that is made without the C library (a bare `clone`) is not seen.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    #[cfg(unix)]
    ONCE.call_once(|| {
        type Handler = Option<unsafe extern "C" fn()>;
        unsafe extern "C" {
            // POSIX; 0 when the handlers are in.
            fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> c_int;
        }
        unsafe extern "C" fn in_child() {
            GENERATION.fetch_add(1, Relaxed);
        }
        // SAFETY: the handler adds to an atomic, which is allowed between fork and exec, and lives for ever.
        let refused = unsafe { pthread_atfork(None, None, Some(in_child)) };
        // Without memory for the handler, forks are not seen: as good as before.
        debug_assert_eq!(refused, 0);
    });
}
