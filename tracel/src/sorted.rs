//! Sorting where it is rare. What a record meets on its way is sorted nowhere.

use std::collections::BinaryHeap;

/// Sorts by a heap: half a kilobyte of code for each type, where `sort_unstable` has three to eight.
pub(crate) fn sorted<T: Ord>(items: Vec<T>) -> Vec<T> {
    BinaryHeap::from(items).into_sorted_vec()
}
