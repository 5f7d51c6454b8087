//! Tasks that carry the context of the request that started them. The bare ones of tokio lose it.
#![allow(
    clippy::disallowed_methods,
    reason = "these are the replacements that the bans name"
)]

mod set;

#[cfg(feature = "tokio-util")]
pub use set::TaskTrackerExt;
pub use set::{JoinSetExt, LocalSetExt};

use super::{Carry, Context};
use tokio::{runtime::Handle, task::JoinHandle};

/// Like [`tokio::spawn`], within the current request.
///
/// # Panics
/// Outside a tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_context())
}

/// Like [`tokio::task::spawn_local`], within the current request.
///
/// # Panics
/// Outside a `LocalSet` or a `LocalRuntime`, as `tokio::task::spawn_local` does.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    tokio::task::spawn_local(future.in_current_context())
}

/// Like [`tokio::task::spawn_blocking`], within the current request.
///
/// # Panics
/// Outside a tokio runtime, as `tokio::task::spawn_blocking` does.
#[track_caller]
pub fn spawn_blocking<F, R>(run: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    tokio::task::spawn_blocking(within(run))
}

/// Like [`Handle::spawn`] on another runtime, within the current request. A `Runtime` has its `handle()`.
#[track_caller]
pub fn spawn_on<F>(runtime: &Handle, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    runtime.spawn(future.in_current_context())
}

/// Like [`Handle::spawn_blocking`] on another runtime, within the current request.
#[track_caller]
pub fn spawn_blocking_on<F, R>(runtime: &Handle, run: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    runtime.spawn_blocking(within(run))
}

fn within<R>(run: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let context = Context::current();
    move || context.in_scope(run)
}
