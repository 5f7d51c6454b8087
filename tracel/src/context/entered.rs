//! The thread's stack of entered spans. Looking a span up by its id costs more than to have it here.

use super::SharedContext;
use std::cell::RefCell;
use tracing_core::span::Id;
use uuid::Uuid;

/// A span that the thread is in.
struct Entered {
    /// The layer that follows it: two subscribers on one thread do not mix.
    layer: u64,
    span: u64,
    /// None where the thread has left all requests, see [`Outside`].
    context: Option<SharedContext>,
}

/// In the place of a layer: what every layer sees.
const EVERY: u64 = u64::MAX;

thread_local! {
    static STACK: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// The thread enters a span.
pub(crate) fn enter(layer: u64, span: u64, context: SharedContext) {
    // A thread that is ending has no stack any more, and enters nothing that could log with a context.
    push(layer, span, Some(context));
}

fn push(layer: u64, span: u64, context: Option<SharedContext>) {
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(Entered { layer, span, context }));
}

/// The thread leaves a span, which need not be the one that it entered last.
pub(crate) fn exit(layer: u64, span: u64) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let at = stack
            .iter()
            .rposition(|entered| entered.layer == layer && entered.span == span)?;
        Some(stack.remove(at))
    });
    // Dropped outside the borrow: it may be the last owner.
    drop(left);
}

/// The innermost span that the thread is in, as this layer follows it.
pub(crate) fn current_in(layer: u64) -> Option<SharedContext> {
    with_current_in(layer, |context| context.cloned()).flatten()
}

/// The id of that span, as the layer knows it.
pub(crate) fn current_id_in(layer: u64) -> Option<Id> {
    STACK
        .try_with(|stack| {
            let stack = stack.borrow();
            let entered = stack.iter().rev().find(|entered| entered.layer == layer)?;
            Some(Id::from_u64(entered.span))
        })
        .unwrap_or(None)
}

/// The context of that span, borrowed: to count an owner is an atomic operation on a line that all of the request's threads share. `read` must
/// neither enter nor leave a span; it is not called by a thread that is ending.
#[inline(always)]
pub(crate) fn with_current_in<R>(layer: u64, read: impl FnOnce(Option<&SharedContext>) -> R) -> Option<R> {
    STACK
        .try_with(|stack| {
            let stack = stack.borrow();
            let is_ours = |entered: &&Entered| entered.layer == layer || entered.layer == EVERY;
            let entered = stack.iter().rev().find(is_ours);
            read(entered.and_then(|entered| entered.context.as_ref()))
        })
        .ok()
}

/// The innermost span that the thread is in, whichever layer follows it.
pub(crate) fn current() -> Option<SharedContext> {
    STACK
        .try_with(|stack| stack.borrow().last().and_then(|entered| entered.context.clone()))
        .unwrap_or(None)
}

/// The event_id of the request that the thread is in.
pub(crate) fn current_event_id() -> Option<Uuid> {
    STACK
        .try_with(|stack| {
            let stack = stack.borrow();
            Some(stack.last()?.context.as_ref()?.request().event_id())
        })
        .unwrap_or(None)
}

/// Whether the thread has left all requests by an [`Outside`].
#[inline]
pub(crate) fn is_outside() -> bool {
    STACK
        .try_with(|stack| {
            stack
                .borrow()
                .last()
                .is_some_and(|entered| entered.layer == EVERY)
        })
        .unwrap_or(false)
}

/// While it lives, the thread is outside any request, whatever it had entered before.
#[derive(Debug)]
pub(crate) struct Outside(());

impl Outside {
    pub(crate) fn enter() -> Self {
        push(EVERY, 0, None);
        Outside(())
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        exit(EVERY, 0);
    }
}
