//! Sets of tasks: what tokio's `JoinSet` and `LocalSet` and tokio-util's `TaskTracker` start within the current request.

use super::within;
use crate::Carry;
use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinHandle, JoinSet, LocalSet},
};
#[cfg(feature = "tokio-util")]
use tokio_util::task::TaskTracker;

/// What a [`JoinSet`] starts within the current request.
///
/// ```
/// use tracel::task::JoinSetExt;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut set = tokio::task::JoinSet::new();
/// set.spawn_in_context(async { /* logs here belong to the request */ });
/// set.join_all().await;
/// # }
/// ```
pub trait JoinSetExt<T: 'static> {
    /// Like [`JoinSet::spawn`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    fn spawn_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// Like [`JoinSet::spawn_on`].
    fn spawn_in_context_on<F>(&mut self, future: F, runtime: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// Like [`JoinSet::spawn_local`].
    ///
    /// # Panics
    /// Outside a `LocalSet`.
    fn spawn_local_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static;

    /// Like [`JoinSet::spawn_local_on`].
    fn spawn_local_in_context_on<F>(&mut self, future: F, local: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static;

    /// Like [`JoinSet::spawn_blocking`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    fn spawn_blocking_in_context<F>(&mut self, run: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send;

    /// Like [`JoinSet::spawn_blocking_on`].
    fn spawn_blocking_in_context_on<F>(&mut self, run: F, runtime: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send;
}

impl<T: 'static> JoinSetExt<T> for JoinSet<T> {
    #[track_caller]
    fn spawn_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.spawn(future.in_current_context())
    }

    #[track_caller]
    fn spawn_in_context_on<F>(&mut self, future: F, runtime: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.spawn_on(future.in_current_context(), runtime)
    }

    #[track_caller]
    fn spawn_local_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.spawn_local(future.in_current_context())
    }

    #[track_caller]
    fn spawn_local_in_context_on<F>(&mut self, future: F, local: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.spawn_local_on(future.in_current_context(), local)
    }

    #[track_caller]
    fn spawn_blocking_in_context<F>(&mut self, run: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.spawn_blocking(within(run))
    }

    #[track_caller]
    fn spawn_blocking_in_context_on<F>(&mut self, run: F, runtime: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.spawn_blocking_on(within(run), runtime)
    }
}

/// What a [`LocalSet`] starts within the current request.
pub trait LocalSetExt {
    /// Like [`LocalSet::spawn_local`].
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;
}

impl LocalSetExt for LocalSet {
    #[track_caller]
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local(future.in_current_context())
    }
}

/// What a [`TaskTracker`] starts within the current request.
#[cfg(feature = "tokio-util")]
pub trait TaskTrackerExt {
    /// Like [`TaskTracker::spawn`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    fn spawn_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Like [`TaskTracker::spawn_on`].
    fn spawn_in_context_on<F>(&self, future: F, runtime: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Like [`TaskTracker::spawn_local`].
    ///
    /// # Panics
    /// Outside a `LocalSet`.
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Like [`TaskTracker::spawn_local_on`].
    fn spawn_local_in_context_on<F>(&self, future: F, local: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Like [`TaskTracker::spawn_blocking`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    fn spawn_blocking_in_context<F, R>(&self, run: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static;

    /// Like [`TaskTracker::spawn_blocking_on`].
    fn spawn_blocking_in_context_on<F, R>(&self, run: F, runtime: &Handle) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static;
}

#[cfg(feature = "tokio-util")]
impl TaskTrackerExt for TaskTracker {
    #[track_caller]
    fn spawn_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn(future.in_current_context())
    }

    #[track_caller]
    fn spawn_in_context_on<F>(&self, future: F, runtime: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_on(future.in_current_context(), runtime)
    }

    #[track_caller]
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local(future.in_current_context())
    }

    #[track_caller]
    fn spawn_local_in_context_on<F>(&self, future: F, local: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_on(future.in_current_context(), local)
    }

    #[track_caller]
    fn spawn_blocking_in_context<F, R>(&self, run: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn_blocking(within(run))
    }

    #[track_caller]
    fn spawn_blocking_in_context_on<F, R>(&self, run: F, runtime: &Handle) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn_blocking_on(within(run), runtime)
    }
}
