//! Memory that goes from spans that have ended to the thread's next ones: of the 14 allocations that a span took none is left.

use super::{OwnContext, SharedContext, SpanContext};
use std::cell::RefCell;
use triomphe::Arc;

/// How many spans' memory a thread keeps.
const KEPT: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<OwnContext>> = const { RefCell::new(Vec::new()) };
}

/// A context of no span.
#[inline]
pub(crate) fn take() -> OwnContext {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    spare
        .ok()
        .flatten()
        .unwrap_or_else(|| OwnContext::new(SpanContext::blank()))
}

/// Keeps the memory of a span that is closed for the thread's next one, unless somebody else has its context still. A thread
/// that is ending has no next one.
pub(crate) fn give_back(context: SharedContext) {
    let Ok(mut own) = Arc::try_unique(context) else {
        return;
    };
    if own.clear() {
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < KEPT {
                spare.push(own);
            }
        });
    }
}
