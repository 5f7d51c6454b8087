//! Threads that carry the context of the request that started them. The bare ones of `std::thread` lose it.
#![allow(
    clippy::disallowed_methods,
    reason = "these are the replacements that the bans name"
)]

use super::Context;
use std::{
    io,
    thread::{JoinHandle, ScopedJoinHandle},
};

/// Like [`std::thread::spawn`], within the current request.
///
/// # Panics
/// When the system cannot start a thread, as `std::thread::spawn` does.
pub fn spawn<F, R>(run: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let context = Context::current();
    std::thread::spawn(move || context.in_scope(run))
}

/// Like [`std::thread::scope`]; the threads that its [`Scope`] starts are within the request that is current where each
/// is started.
///
/// ```
/// let mut left = [1, 2, 3];
/// let mut right = [4, 5];
/// tracel::thread::scope(|scope| {
///     scope.spawn(|| left.reverse());
///     scope.spawn(|| right.reverse());
/// });
/// assert_eq!((left, right), ([3, 2, 1], [5, 4]));
/// ```
///
/// # Panics
/// When one of its threads did and was not joined, as `std::thread::scope` does.
#[track_caller]
pub fn scope<'env, F, R>(run: F) -> R
where
    F: for<'scope> FnOnce(Scope<'scope, 'env>) -> R,
{
    std::thread::scope(|scope| run(Scope { scope }))
}

/// A scope for threads; from [`scope`]. It is handed over by value, and a thread in it may start others.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    scope: &'scope std::thread::Scope<'scope, 'env>,
}

impl<'scope> Scope<'scope, '_> {
    /// Like [`std::thread::Scope::spawn`], within the current request.
    ///
    /// # Panics
    /// When the system cannot start a thread.
    pub fn spawn<F, R>(&self, run: F) -> ScopedJoinHandle<'scope, R>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        let context = Context::current();
        self.scope.spawn(move || context.in_scope(run))
    }
}

/// Like [`std::thread::Builder`], for threads within the current request.
#[derive(Debug)]
#[must_use = "a thread is started by `spawn`"]
pub struct Builder {
    builder: std::thread::Builder,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// A thread with the system's defaults.
    pub fn new() -> Self {
        Builder {
            builder: std::thread::Builder::new(),
        }
    }

    /// Its name, which its records carry as `thread`.
    pub fn name(self, name: String) -> Self {
        Builder {
            builder: self.builder.name(name),
        }
    }

    /// The size of its stack, in bytes.
    pub fn stack_size(self, bytes: usize) -> Self {
        Builder {
            builder: self.builder.stack_size(bytes),
        }
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    ///
    /// # Panics
    /// When the name holds a null byte.
    pub fn spawn<F, R>(self, run: F) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let context = Context::current();
        self.builder.spawn(move || context.in_scope(run))
    }

    /// Starts it in a scope.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    ///
    /// # Panics
    /// When the name holds a null byte.
    pub fn spawn_scoped<'scope, F, R>(
        self,
        scope: Scope<'scope, '_>,
        run: F,
    ) -> io::Result<ScopedJoinHandle<'scope, R>>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        let context = Context::current();
        self.builder
            .spawn_scoped(scope.scope, move || context.in_scope(run))
    }
}
