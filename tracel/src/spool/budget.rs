//! How many bytes on disk all spools of a process may take together.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Bytes on disk for all spools that share it. A clone is the same budget.
#[derive(Clone)]
pub struct Budget(Arc<Shared>);

struct Shared {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    /// So many bytes.
    #[must_use]
    pub fn of(bytes: u64) -> Self {
        Budget(Arc::new(Shared {
            limit: bytes,
            used: AtomicU64::new(0),
        }))
    }

    /// How many bytes are taken. What lay on disk before counts, so it can be more than the limit.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.0.used.load(Relaxed)
    }

    /// How many there are in all.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Takes bytes if there are so many left.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.0.limit);
        self.0.used.fetch_update(Relaxed, Relaxed, fits).is_ok()
    }

    /// Counts bytes that are taken already.
    pub(super) fn count(&self, bytes: u64) {
        self.0.used.fetch_add(bytes, Relaxed);
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.0.used.fetch_sub(bytes, Relaxed);
    }
}

impl Default for Budget {
    /// 1 GiB.
    fn default() -> Self {
        Budget::of(1 << 30)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.used(), self.limit())
    }
}
