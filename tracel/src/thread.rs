//! Threads that carry the context of the request that started them. The bare `std::thread::spawn` loses it.

use std::thread::JoinHandle;
use tracing::Span;

/// Like [`std::thread::spawn`], with the current span as the thread's.
///
/// # Panics
/// When the system cannot start a thread, as `std::thread::spawn` does.
pub fn spawn<F, R>(run: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let span = Span::current();
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the replacement that the ban names"
    )]
    std::thread::spawn(move || span.in_scope(run))
}
