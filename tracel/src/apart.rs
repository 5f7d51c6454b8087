//! What has lines of the processor's cache of its own.

use std::ops::Deref;

/// A value that has no line of the cache together with another: where one core writes to one, and another reads the other, each of
/// them waits for the line. Two lines, because the prefetcher fetches pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Apart<T>(pub(crate) T);

impl<T> Deref for Apart<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}
