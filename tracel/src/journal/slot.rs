//! Which lane a thread writes to: one of its own in each journal, parked for the next thread when it dies.

use super::{Shared, lane::Writer, sync::Ordering::Relaxed};
use std::{
    cell::{Cell, RefCell},
    hint::cold_path,
    sync::{Arc, Weak},
};

/// A thread's place in one journal. Each record writes to it: what it needs is in the first line of the cache, and the pair of lines
/// holds nothing that another thread reads.
#[repr(C, align(128))]
struct Slot {
    journal: u64,
    /// `None`: there was no lane to be had, the thread shares the common one.
    writer: Option<Writer>,
    shared: Weak<Shared>,
    /// Records until it asks again for one of its own.
    patience: u32,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let (Some(writer), Some(shared)) = (self.writer.take(), self.shared.upgrade())
            // A forked child has a copy of it, and none of the lane.
            && !shared.is_inherited()
        {
            shared.park(writer);
        }
    }
}

/// A thread's places. The one used last is taken out while it is in use, so that a log from within cannot meet it.
struct Slots {
    hot: Cell<Option<Box<Slot>>>,
    #[expect(clippy::vec_box, reason = "they move into `hot` and back as they are")]
    rest: RefCell<Vec<Box<Slot>>>,
}

thread_local! {
    static SLOTS: Slots = const { Slots { hot: Cell::new(None), rest: RefCell::new(Vec::new()) } };
}

/// How many records a thread without a lane gives to the common one before it asks again.
const PATIENCE: u32 = 256;

/// Calls `f` with this thread's writer. `None` when it has none: the thread is ending, or there are more than lanes.
#[inline(always)]
pub(crate) fn with<R>(shared: &Arc<Shared>, f: impl FnOnce(&mut Writer) -> R) -> Option<R> {
    SLOTS
        .try_with(|slots| {
            let mut slot = match slots.hot.take() {
                Some(slot) if slot.journal == shared.id => slot,
                other => find(slots, other, shared)?,
            };
            let result = match &mut slot.writer {
                Some(writer) => Some(f(writer)),
                None => ask(&mut slot, shared).map(f),
            };
            if let Some(other) = slots.hot.replace(Some(slot)) {
                cold_path();
                drop(other);
            }
            result
        })
        .ok()?
}

/// The slot of this journal, made if need be; the one that was hot goes to the others.
#[cold]
#[inline(never)]
fn find(slots: &Slots, hot: Option<Box<Slot>>, shared: &Arc<Shared>) -> Option<Box<Slot>> {
    let mut rest = slots.rest.try_borrow_mut().ok()?;
    rest.extend(hot);
    if let Some(at) = rest.iter().position(|slot| slot.journal == shared.id) {
        return Some(rest.swap_remove(at));
    }
    rest.retain(|slot| slot.shared.strong_count() > 0);
    Some(Box::new(Slot {
        journal: shared.id,
        shared: Arc::downgrade(shared),
        writer: shared.open_lane(),
        patience: PATIENCE,
    }))
}

#[cold]
#[inline(never)]
fn ask<'a>(slot: &'a mut Slot, shared: &Shared) -> Option<&'a mut Writer> {
    slot.patience = slot.patience.saturating_sub(1);
    if slot.patience == 0 || shared.parked.load(Relaxed) > 0 {
        slot.patience = PATIENCE;
        slot.writer = shared.open_lane();
    }
    slot.writer.as_mut()
}

impl Drop for Slots {
    fn drop(&mut self) {
        // Slots park their lanes when they are dropped; this is where it happens at a thread's end.
        drop(self.hot.take());
        self.rest.get_mut().clear();
    }
}
