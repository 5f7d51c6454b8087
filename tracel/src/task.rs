//! Tasks that carry the context of the request that started them. The bare `tokio::spawn` loses it.

use tokio::task::JoinHandle;
use tracing::{Instrument, Span};

/// Like [`tokio::spawn`], with the current span as the task's.
///
/// # Panics
/// Outside a tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the replacement that the ban names"
    )]
    tokio::spawn(future.instrument(Span::current()))
}

/// Like [`tokio::task::spawn_blocking`], with the current span as the closure's.
///
/// # Panics
/// Outside a tokio runtime, as `tokio::task::spawn_blocking` does.
#[track_caller]
pub fn spawn_blocking<F, R>(run: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let span = Span::current();
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the replacement that the ban names"
    )]
    tokio::task::spawn_blocking(move || span.in_scope(run))
}
