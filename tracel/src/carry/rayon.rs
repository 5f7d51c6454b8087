//! rayon's pool, with the context of the request that its work belongs to. A thread of the pool that waits takes up
//! other work meanwhile, also another request's: each piece of work enters its own. A parallel iterator takes its request
//! along by [`Carry::in_current_context`](crate::Carry::in_current_context).
//!
//! ```
//! use rayon::prelude::*;
//! use tracel::Carry;
//! let sum: u64 = (0..1000u64)
//!     .into_par_iter()
//!     .in_current_context()
//!     .map(|n| { /* logs here belong to the request */ n * 2 })
//!     .sum();
//! assert_eq!(sum, 999_000);
//! ```
#![allow(
    clippy::disallowed_methods,
    reason = "these are the replacements that the bans name"
)]

mod iter;

use super::Context;

/// Like [`rayon::join`], both halves within the current request.
pub fn join<A, B, RA, RB>(left: A, right: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    let context = Context::current();
    ::rayon::join(|| context.in_scope(left), || context.in_scope(right))
}

/// Like [`rayon::spawn`], within the current request.
pub fn spawn(run: impl FnOnce() + Send + 'static) {
    let context = Context::current();
    ::rayon::spawn(move || context.in_scope(run));
}

/// Like [`rayon::ThreadPool::install`]: in another pool, within the current request. What `run` starts there with
/// [`join`], [`spawn`] and [`scope`] is of that pool.
pub fn install<R: Send>(pool: &::rayon::ThreadPool, run: impl FnOnce() -> R + Send) -> R {
    let context = Context::current();
    pool.install(|| context.in_scope(run))
}

/// Like [`rayon::scope`]; what its [`Scope`] starts is within the request that is current where it is started.
pub fn scope<'scope, F, R>(run: F) -> R
where
    F: FnOnce(&Scope<'_, 'scope>) -> R + Send,
    R: Send,
{
    let context = Context::current();
    ::rayon::scope(|scope| context.in_scope(|| run(&Scope { scope })))
}

/// A scope for work on the pool; from [`scope`].
#[derive(Debug)]
pub struct Scope<'a, 'scope> {
    scope: &'a ::rayon::Scope<'scope>,
}

impl<'scope> Scope<'_, 'scope> {
    /// Like [`rayon::Scope::spawn`], within the current request.
    pub fn spawn<F>(&self, run: F)
    where
        F: FnOnce(&Scope<'_, 'scope>) + Send + 'scope,
    {
        let context = Context::current();
        self.scope
            .spawn(move |scope| context.in_scope(|| run(&Scope { scope })));
    }
}
