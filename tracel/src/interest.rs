//! What the subscribers said of a callsite, in one atomic byte.

use std::{
    hint::cold_path,
    sync::atomic::{AtomicU8, Ordering},
};
use tracing_core::{Interest, Metadata, dispatcher};

/// The cached interest of a callsite.
#[derive(Debug)]
pub(crate) struct CachedInterest(AtomicU8);

const UNKNOWN: u8 = 0;
const NEVER: u8 = 1;
const SOMETIMES: u8 = 2;
const ALWAYS: u8 = 3;

impl CachedInterest {
    pub(crate) const fn new() -> Self {
        CachedInterest(AtomicU8::new(UNKNOWN))
    }

    pub(crate) fn set(&self, interest: &Interest) {
        let interest = if interest.is_never() {
            NEVER
        } else if interest.is_always() {
            ALWAYS
        } else {
            SOMETIMES
        };
        self.0.store(interest, Ordering::Relaxed);
    }

    /// Whether nobody wants it, as far as is known.
    #[inline(always)]
    pub(crate) fn is_never(&self) -> bool {
        self.0.load(Ordering::Relaxed) == NEVER
    }

    /// Whether this thread's dispatcher wants it; only asked where the interest does not say.
    #[inline]
    pub(crate) fn enabled(&self, meta: &'static Metadata<'static>) -> bool {
        let interest = self.0.load(Ordering::Relaxed);
        interest == ALWAYS || {
            cold_path();
            interest != NEVER && dispatcher::get_default(|dispatch| dispatch.enabled(meta))
        }
    }
}
