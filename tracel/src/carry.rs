//! What crosses a boundary inside a process with its request: [`Context`] and what carries it. Here the means; the
//! boundaries themselves are in `task`, `thread` and `rayon`. Between services it is `propagate`'s.

pub(crate) mod captured;
#[cfg(feature = "rayon")]
pub mod rayon;
pub(crate) mod request;
#[cfg(feature = "tokio")]
pub mod task;
pub mod thread;

use crate::{EventId, context, orphan};
use captured::Captured;
use pin_project_lite::pin_project;
use std::{
    fmt,
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::Arc,
    task::Poll,
};
use tracing::{Instrument, Span, instrument::Instrumented};

/// The request that code runs for, to be taken where the code goes on: to another thread, a task, an actor's queue.
/// A clone is the same request.
///
/// ```
/// let context = tracel::Context::current();
/// std::thread::scope(|scope| {
///     # #[allow(clippy::disallowed_methods)]
///     scope.spawn(|| context.in_scope(|| { /* logs here belong to the request */ }));
/// });
/// ```
#[derive(Clone)]
pub struct Context {
    /// None outside any request.
    span: Span,
    /// The test's capture that it is taken from.
    captured: Option<Arc<Captured>>,
}

impl Context {
    /// The current one. Outside any request it is the context of none, and carries that.
    #[must_use]
    pub fn current() -> Self {
        let span = match context::is_outside() {
            true => Span::none(),
            false => Span::current(),
        };
        Context {
            span,
            captured: Captured::current(),
        }
    }

    /// The id of the request; [`EventId::NIL`] outside any, and where no subscriber of ours follows spans.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        self.in_scope(|| {
            context::current().map_or(EventId::NIL, |current| {
                EventId::from_uuid(current.request().event_id())
            })
        })
    }

    /// Runs `run` within the request. A context of none runs it outside any, also where the thread is within one: a
    /// pool's thread that waits may be lent to another's work.
    pub fn in_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        let _captured = self.captured.as_deref().and_then(Captured::enter);
        if self.span.is_none() {
            let _outside = context::Outside::enter();
            return run();
        }
        self.span.in_scope(run)
    }

    /// Enters it for as long as a log is written.
    pub(crate) fn enter(&self) -> orphan::Entry<'_> {
        orphan::Entry::new(&self.span, self.captured.as_deref())
    }

    /// A function that runs `run` within the request, wherever it is called: for callbacks, and for a pool's `map`.
    pub fn wrap<A, R, F>(&self, run: F) -> impl Fn(A) -> R + use<A, R, F>
    where
        F: Fn(A) -> R,
    {
        let context = self.clone();
        move |argument| context.in_scope(|| run(argument))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.event_id()).finish()
    }
}

/// Gives a future its request, for whoever polls it, like one that is put into a `FuturesUnordered`. A stream as well
/// (feature `stream`), and one of rayon's parallel iterators (feature `rayon`): what comes after it runs there.
///
/// ```
/// use tracel::Carry;
/// let future = async { /* logs here belong to the request in which the future was made */ }.in_current_context();
/// # drop(future);
/// ```
pub trait Carry: Sized {
    /// Polled within `context`.
    fn in_context(self, context: &Context) -> InContext<Self> {
        InContext {
            captured: context.captured.clone(),
            inner: Some(self.instrument(context.span.clone())),
        }
    }

    /// Polled within the context that is current now.
    #[inline]
    fn in_current_context(self) -> InContext<Self> {
        if context::is_outside() {
            return self.in_context(&Context::current());
        }
        // Not by way of a `Context`: a span that is moved about costs more than to be asked for.
        InContext {
            captured: Captured::current(),
            inner: Some(self.in_current_span()),
        }
    }
}

impl<T> Carry for T {}

pin_project! {
    /// A future or a stream that is polled, and dropped, within its request; from [`Carry`].
    #[derive(Debug)]
    #[must_use = "futures and streams do nothing unless they are polled"]
    pub struct InContext<T> {
        captured: Option<Arc<Captured>>,
        // Always there, but while it is dropped.
        #[pin]
        inner: Option<Instrumented<T>>,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _captured = this.captured.as_deref().and_then(Captured::enter);
            let _outside = this.inner.as_ref().get_ref().as_ref().and_then(outside);
            this.inner.set(None);
        }
    }
}

/// Leaves all requests for one that is of none.
fn outside<T>(inner: &Instrumented<T>) -> Option<context::Outside> {
    inner.span().is_none().then(context::Outside::enter)
}

/// Why `inner` may be unwrapped.
const INNER: &str = "it is taken away where it is dropped alone";

#[cfg(feature = "rayon")]
impl<T> InContext<T> {
    fn inner(&self) -> &T {
        self.inner.as_ref().expect(INNER).inner()
    }

    fn into_parts(mut self) -> (T, Context) {
        let inner = self.inner.take().expect(INNER);
        let (span, captured) = (inner.span().clone(), self.captured.take());
        (inner.into_inner(), Context { span, captured })
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _captured = this.captured.as_deref().and_then(Captured::enter);
        let inner = this.inner.as_pin_mut().expect(INNER);
        let _outside = outside(&inner);
        inner.poll(waker)
    }
}

#[cfg(feature = "stream")]
impl<S: futures_core::Stream> futures_core::Stream for InContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, waker: &mut std::task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let _captured = this.captured.as_deref().and_then(Captured::enter);
        let inner = this.inner.as_pin_mut().expect(INNER);
        let _outside = outside(&inner);
        let span = inner.span().clone();
        let _within = span.enter();
        inner.inner_pin_mut().poll_next(waker)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().expect(INNER).inner().size_hint()
    }
}

/// A value with the request that it belongs to: what goes through a channel, to an actor or a worker.
///
/// ```
/// use std::sync::mpsc;
/// use tracel::WithContext;
///
/// let (sender, receiver) = mpsc::channel();
/// sender.send(WithContext::new("order 7")).unwrap();
/// // elsewhere
/// let order = receiver.recv().unwrap();
/// order.in_scope(|order| { /* logs here belong to the sender's request */ });
/// ```
#[derive(Clone, Debug)]
pub struct WithContext<T> {
    value: T,
    context: Context,
}

impl<T> WithContext<T> {
    /// The value, with the current request.
    pub fn new(value: T) -> Self {
        WithContext {
            value,
            context: Context::current(),
        }
    }

    /// The request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Hands the value to `run`, within its request. For an async worker: [`into_parts`](Self::into_parts), then
    /// [`Carry::in_context`].
    pub fn in_scope<R>(self, run: impl FnOnce(T) -> R) -> R {
        let WithContext { value, context } = self;
        context.in_scope(|| run(value))
    }

    /// Another value of the same request.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> WithContext<U> {
        let WithContext { value, context } = self;
        let value = context.in_scope(|| map(value));
        WithContext { value, context }
    }

    /// The value and its request.
    #[must_use]
    pub fn into_parts(self) -> (T, Context) {
        (self.value, self.context)
    }
}

impl<T> Deref for WithContext<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for WithContext<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
