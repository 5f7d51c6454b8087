//! Counting what a call costs: allocations by the allocator, instructions by callgrind, which is told to count within
//! [`counted`] alone.

use std::hint::black_box;

/// Calls before the count begins: buffers of the thread have grown and callsites are registered by then.
const WARM: u64 = 500;

/// Calls `run` so often. Callgrind counts from this function's entry to its return (`--toggle-collect=*counted*`), so only
/// the thread that is in it.
#[inline(never)]
pub fn counted(calls: u64, run: &mut dyn FnMut()) {
    for _ in 0..black_box(calls) {
        run();
    }
}

/// Counts `calls` calls, and prints how many allocations they made.
pub fn count(calls: u64, mut run: impl FnMut()) {
    (0..WARM).for_each(|_| run());
    let made = allocation_counter::measure(|| counted(calls, &mut run));
    println!("{}", made.count_total);
}
