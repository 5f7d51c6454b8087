//! What is known of each callsite that has sent a record, by its number: a number in a static is four bytes, where a cell for
//! a reference is sixteen, and there is a static for every call.

use super::Registered;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

type Slot = OnceLock<&'static Registered>;

/// Each is twice as long as the one before. They stay for good, so that reading takes no lock.
static BUCKETS: [OnceLock<Box<[Slot]>>; 32] = [const { OnceLock::new() }; 32];

/// How many there are. Held while one is added.
static COUNT: Mutex<u32> = Mutex::new(0);

/// That of this number; 0 is that of none.
#[inline]
pub(super) fn get(number: u32) -> Option<&'static Registered> {
    let bucket = number.checked_ilog2()?;
    let slots = BUCKETS.get(bucket as usize)?.get()?;
    slots.get((number ^ (1 << bucket)) as usize)?.get().copied()
}

/// Adds one, and returns its number.
pub(super) fn add(count: &mut u32, registered: &'static Registered) -> u32 {
    *count += 1;
    let bucket = count.ilog2();
    let slots = BUCKETS[bucket as usize].get_or_init(|| (0..1_u32 << bucket).map(|_| Slot::new()).collect());
    slots[(*count ^ (1 << bucket)) as usize].get_or_init(|| registered);
    *count
}

/// The lock that no other thread may have at a fork.
pub(super) fn lock() -> MutexGuard<'static, u32> {
    COUNT.lock().unwrap_or_else(PoisonError::into_inner)
}
