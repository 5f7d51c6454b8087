//! Memory that goes from spans that have ended to the thread's next ones: of 14 allocations that a span took, two are left, its
//! shared context and its place in the registry (which keeps it boxed).

use crate::record::members::Members;
use std::cell::RefCell;

/// What a span's context has of its own.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) members: Members,
    /// The module, then the span's keys.
    pub(crate) text: Vec<u8>,
}

/// How many spans' memory a thread keeps.
const KEPT: usize = 16;

/// Longer texts are not kept.
const LONG: usize = 1 << 10;

thread_local! {
    static SPARE: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// Empty memory.
pub(crate) fn take() -> Memory {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    spare.ok().flatten().unwrap_or_default()
}

/// Keeps it for the thread's next span; a thread that is ending has none.
pub(crate) fn give_back(mut memory: Memory) {
    memory.members.clear();
    memory.text.clear();
    if memory.text.capacity() <= LONG && memory.members.is_small() {
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < KEPT {
                spare.push(memory);
            }
        });
    }
}
