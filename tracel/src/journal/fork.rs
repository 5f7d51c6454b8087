//! Forks: whether this process is a child of the one that made a journal, what must be free in a child, and who goes on
//! for a journal there. A child has none of its parent's threads and lanes: it must not write where the parent does.

use std::{
    any::Any,
    cell::Cell,
    ffi::c_int,
    sync::{
        Mutex, MutexGuard, Once, PoisonError,
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

/// Takes a lock for as long as a fork lasts.
pub(crate) type Hold = fn() -> Box<dyn Any>;

/// The locks that no other thread may have while a process forks: in the child it would have them for ever.
static HOLDS: Mutex<Vec<Hold>> = Mutex::new(Vec::new());

/// Held while an heir is made, so that no fork sees half of one.
static MAKING: Mutex<()> = Mutex::new(());

struct Held {
    locks: Vec<Box<dyn Any>>,
    _list: MutexGuard<'static, Vec<Hold>>,
}

thread_local!(static HELD: Cell<Option<Held>> = const { Cell::new(None) });

/// Has these locks taken, in this order, before each fork from now on, and given back after it in both processes.
pub(crate) fn hold(locks: &[Hold]) {
    HOLDS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend_from_slice(locks);
}

/// What is to be done in a forked child, before it goes on.
type Deed = Box<dyn Fn() + Send>;

static DEEDS: Mutex<Vec<Deed>> = Mutex::new(Vec::new());

/// Calls this in every process that is forked from now on, before it goes on.
#[cfg_attr(
    not(feature = "signals"),
    allow(dead_code, reason = "for handlers of signals")
)]
pub(crate) fn in_children(deed: Deed) {
    deeds().push(deed);
}

fn deeds() -> MutexGuard<'static, Vec<Deed>> {
    DEEDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is held while an heir is made.
pub(super) fn making() -> MutexGuard<'static, ()> {
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches forks from now on. A child that is made without the C library (a bare `clone`) is not seen.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    #[cfg(all(unix, not(loom)))]
    ONCE.call_once(|| {
        type Handler = Option<unsafe extern "C" fn()>;
        unsafe extern "C" {
            // POSIX; 0 when the handlers are in.
            fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> c_int;
        }
        hold(&[
            || Box::new(making()),
            || Box::new(deeds()),
            super::locks,
            crate::stats::locks,
        ]);
        // SAFETY: the handlers live for ever. They take and give back locks of ours, all on the thread that forks, which
        // is the child's only one; the C library sees to it that memory can be had in the child.
        let refused = unsafe { pthread_atfork(Some(prepare), Some(in_parent), Some(in_child)) };
        // Without memory for the handlers, forks are not seen: as good as before.
        debug_assert_eq!(refused, 0);
    });
    #[cfg(not(all(unix, not(loom))))]
    ONCE.call_once(|| {});
}

unsafe extern "C" fn prepare() {
    let list = HOLDS.lock().unwrap_or_else(PoisonError::into_inner);
    let locks = list.iter().map(|take| take()).collect();
    // A thread that ends has no place to keep them: nothing is held then.
    let _ = HELD.try_with(|held| held.set(Some(Held { locks, _list: list })));
}

unsafe extern "C" fn in_parent() {
    let held = HELD.try_with(Cell::take).ok().flatten();
    give_back(held);
}

unsafe extern "C" fn in_child() {
    let held = HELD.try_with(Cell::take).ok().flatten();
    GENERATION.fetch_add(1, Relaxed);
    give_back(held);
    deeds().iter().for_each(|deed| deed());
    crate::stats::begin_anew();
    // Parent and child would draw the same ids from here on.
    fastrand::seed(fastrand::u64(..) ^ moment());
}

fn give_back(held: Option<Held>) {
    if let Some(mut held) = held {
        while let Some(lock) = held.locks.pop() {
            drop(lock);
        }
    }
}

/// Another number in each process.
fn moment() -> u64 {
    use std::hash::Hasher;
    let mut hasher = siphasher::sip::SipHasher13::new();
    hasher.write_u32(std::process::id());
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    hasher.write_u128(since.as_nanos());
    hasher.finish()
}
