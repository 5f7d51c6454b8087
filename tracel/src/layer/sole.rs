//! The subscriber of a process in which nobody else listens, what [`start`](crate::Init::start) installs: the layer with
//! spans of its own. tracing-subscriber's registry keeps for each span what layers may want to put there; for us alone
//! that took 2,300 instructions a span.

mod newest;
mod spans;

use super::{Layer, span::own_span};
use crate::{
    context::{self, SharedContext},
    handover::Opening,
};
use std::cell::Cell;
use tracing::Span;
use tracing_core::{
    Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber,
    field::{Field, Value},
    span::{Attributes, Current, Id, Record},
};

pub(crate) use spans::locks;
use uuid::Uuid;

/// A layer that is the process's only one.
pub(crate) struct Sole(pub(crate) Layer);

impl Layer {
    /// The layer of a subscriber in which it stands alone: all that our callsites send ends there.
    #[inline(always)]
    pub(crate) fn alone(dispatch: &Dispatch) -> Option<&Layer> {
        dispatch.downcast_ref::<Sole>().map(|sole| &sole.0)
    }
}

thread_local! {
    /// A span that is there before `tracing` asks for it. Nothing runs in between.
    static OPENED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Opens a span of ours if the thread's subscriber is our own: its context is made without a way through the dispatcher.
/// Then `opening` is taken; `event_id` is asked where a new request begins.
#[inline(always)]
pub(crate) fn open(
    dispatch: &Dispatch,
    meta: &'static Metadata<'static>,
    opening: &mut Option<Opening>,
    event_id: impl FnOnce() -> Uuid,
) -> Option<Span> {
    let sole = dispatch.downcast_ref::<Sole>()?;
    let opening = opening.take()?;
    let parent = match opening.root {
        true => None,
        false => context::current_in(sole.0.id),
    };
    let context = own_span(opening, parent, event_id);
    OPENED.set(Some(spans::add(meta, context).into_u64()));
    // Nobody wants to be shown the values as fields.
    let values: [(&Field, Option<&dyn Value>); 0] = [];
    Some(Span::new_with(meta, &meta.fields().value_set(&values), dispatch))
}

impl Sole {
    /// The context of an event's or a span's parent.
    fn parent(&self, explicit: Option<&Id>, contextual: bool) -> Option<SharedContext> {
        match explicit {
            Some(id) => spans::context(id),
            None if contextual => context::current_in(self.0.id),
            None => None,
        }
    }
}

impl Subscriber for Sole {
    fn register_callsite(&self, meta: &'static Metadata<'static>) -> Interest {
        match self.0.wants(meta) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, meta: &Metadata<'_>) -> bool {
        self.0.wants(meta)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.levels.max())
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        if let Some(opened) = OPENED.take() {
            return Id::from_u64(opened);
        }
        let parent = self.parent(attributes.parent(), attributes.is_contextual());
        let context = self.0.span(attributes, parent);
        spans::add(attributes.metadata(), context)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        if let Some(context) = spans::context(id) {
            self.0.late(&context, values);
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let context = self.parent(event.parent(), event.is_contextual());
        self.0.event(event, context.as_ref());
    }

    fn enter(&self, id: &Id) {
        if let Some(context) = spans::entering(id) {
            context::enter(self.0.id, id.into_u64(), context);
        }
    }

    fn exit(&self, id: &Id) {
        context::exit(self.0.id, id.into_u64());
    }

    fn clone_span(&self, id: &Id) -> Id {
        spans::share(id);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        spans::give_up(&id)
    }

    fn current_span(&self) -> Current {
        match context::current_id_in(self.0.id).and_then(spans::meta) {
            Some((id, meta)) => Current::new(id, meta),
            None => Current::none(),
        }
    }
}
