//! A bell beside a reader's bed: writers ring it when chunks run short, and never for a record.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::Duration,
};

/// Wakes one thread, and costs a load when it is awake.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    asleep: AtomicBool,
    sleeper: Mutex<Option<Thread>>,
}

impl Bell {
    /// Makes the current thread the one that it wakes.
    pub(crate) fn hang_here(&self) {
        *self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current());
    }

    /// Sleeps until it rings, or that long.
    pub(crate) fn sleep(&self, time: Duration) {
        self.asleep.store(true, SeqCst);
        thread::park_timeout(time);
        self.asleep.store(false, SeqCst);
    }

    /// Wakes the sleeper, if there is one.
    pub(crate) fn ring(&self) {
        if self.asleep.swap(false, SeqCst) {
            self.wake();
        }
    }

    /// Wakes the sleeper, or keeps it from falling asleep next time.
    pub(crate) fn wake(&self) {
        let sleeper = self.sleeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sleeper) = &*sleeper {
            sleeper.unpark();
        }
    }
}
