//! What a callsite of ours hands to our layer beside the `tracing` event: the members, encoded and with
//! their classes applied. Other layers visit the event itself.

use crate::{
    context::{OwnContext, SharedContext},
    encode::fixed::Fixed,
    propagate::Caller,
    record::members::Members,
};
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    mem::ManuallyDrop,
    sync::{PoisonError, RwLock},
};
use tracing_core::callsite::Identifier;
use uuid::Uuid;

/// An event on its way through the dispatcher.
pub(crate) struct EventHandover {
    pub(crate) callsite: Identifier,
    /// What all its callsite's records have in common.
    pub(crate) fixed: &'static Fixed,
    pub(crate) members: Box<Members>,
    /// It is no record of its callsite's: it tells how many flood control held back.
    pub(crate) held: Option<Held>,
}

/// What flood control says of the records that it held back, beside the members.
pub(crate) struct Held {
    /// The first one's span.
    pub(crate) context: Option<SharedContext>,
}

/// What a callsite of ours says of a span.
pub(crate) struct Opening {
    /// Its name as a JSON string.
    pub(crate) name: &'static [u8],
    /// A new request begins, also where one is current.
    pub(crate) root: bool,
    /// Whose call a new request answers.
    pub(crate) caller: Option<Box<Caller>>,
    /// The span's fields, and its module as a JSON string, if it names one.
    pub(crate) own: OwnContext,
}

/// A span on its way through the dispatcher.
pub(crate) struct SpanHandover {
    pub(crate) callsite: Identifier,
    /// The event_id of a new request.
    pub(crate) event_id: Uuid,
    pub(crate) opening: Opening,
}

thread_local! {
    // Never dropped, so that they are there also for what is logged while a thread's other locals end. Nothing is left in
    // them between two logs.
    static EVENT: RefCell<ManuallyDrop<Option<EventHandover>>> = const { RefCell::new(ManuallyDrop::new(None)) };
    static SPAN: RefCell<ManuallyDrop<Option<SpanHandover>>> = const { RefCell::new(ManuallyDrop::new(None)) };
    /// Memory for the next event's members.
    static SPARE: Cell<Option<Box<Members>>> = const { Cell::new(None) };
}

/// Empty members; the thread's own, unless an event is being encoded already (a value that itself logs).
#[inline]
pub(crate) fn members() -> Box<Members> {
    SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default()
}

/// Holds `event` out to the layer while `dispatch` runs. A log within it (by another layer) has its own turn.
pub(crate) fn with_event(event: EventHandover, dispatch: impl FnOnce()) {
    let before = EVENT.with(|slot| slot.replace(ManuallyDrop::new(Some(event))));
    dispatch();
    let event = EVENT.with(|slot| slot.replace(before));
    if let Some(event) = ManuallyDrop::into_inner(event) {
        give_back(event.members);
    }
}

/// Keeps the memory of these members for the thread's next event.
#[inline]
pub(crate) fn give_back(mut members: Box<Members>) {
    members.clear();
    // A thread that is ending has no next event.
    let _ = SPARE.try_with(|spare| spare.set(Some(members)));
}

/// Reads the event that this callsite has just handed over.
pub(crate) fn read_event<R>(callsite: &Identifier, read: impl FnOnce(&EventHandover) -> R) -> Option<R> {
    EVENT.with(|slot| {
        slot.borrow()
            .as_ref()
            .filter(|event| event.callsite == *callsite)
            .map(read)
    })
}

/// Holds `span` out to the layer while `open` runs.
pub(crate) fn with_span(span: SpanHandover, open: impl FnOnce()) {
    let before = SPAN.with(|slot| slot.replace(ManuallyDrop::new(Some(span))));
    open();
    drop(ManuallyDrop::into_inner(SPAN.with(|slot| slot.replace(before))));
}

/// Takes the span that this callsite has just handed over.
pub(crate) fn take_span(callsite: &Identifier) -> Option<SpanHandover> {
    SPAN.with(|slot| slot.borrow_mut().take_if(|span| span.callsite == *callsite))
}

/// The callsites that are ours: a layer is asked about each by its metadata alone. They are kept by their addresses, for
/// `Identifier` hashes the vtable's too (tracing-core 0.1.36), of which one type may have several.
static OURS: RwLock<Option<HashSet<usize>>> = RwLock::new(None);

/// Says that a callsite is ours, before it is registered.
pub(crate) fn claim(callsite: Identifier) {
    let mut ours = OURS.write().unwrap_or_else(PoisonError::into_inner);
    ours.get_or_insert_default().insert(address(&callsite));
}

/// The lock that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn std::any::Any> {
    Box::new(OURS.write().unwrap_or_else(PoisonError::into_inner))
}

/// Whether a callsite is ours.
pub(crate) fn is_ours(callsite: &Identifier) -> bool {
    let ours = OURS.read().unwrap_or_else(PoisonError::into_inner);
    ours.as_ref()
        .is_some_and(|ours| ours.contains(&address(callsite)))
}

fn address(callsite: &Identifier) -> usize {
    std::ptr::from_ref(callsite.0).cast::<()>().addr()
}
