//! The layer in somebody's stack, beside other layers: spans are the registry's, which keeps their contexts. Where it is
//! the process's only one, it is in `sole`.

use super::Layer;
use crate::context::{self, SharedContext, memory};
use tracing_core::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

/// The context of a span that the registry knows.
fn context_of<S>(id: &Id, registry: &Context<'_, S>) -> Option<SharedContext>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    registry.span(id)?.extensions().get::<SharedContext>().cloned()
}

impl Layer {
    /// The context of an event's or a span's parent.
    fn parent<S>(
        &self,
        explicit: Option<&Id>,
        contextual: bool,
        registry: &Context<'_, S>,
    ) -> Option<SharedContext>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match explicit {
            Some(id) => context_of(id, registry),
            None if contextual => context::current_in(self.id),
            None => None,
        }
    }
}

impl<S> tracing_subscriber::Layer<S> for Layer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    #[cfg(feature = "opentelemetry")]
    fn on_register_dispatch(&self, dispatch: &tracing_core::Dispatch) {
        *self
            .dispatch
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(dispatch.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, registry: Context<'_, S>) {
        let Some(span) = registry.span(id) else { return };
        if span.extensions().get::<SharedContext>().is_some() {
            // Another layer of ours in the same stack has made it.
            return;
        }
        let parent = self.parent(attributes.parent(), attributes.is_contextual(), &registry);
        let context = self.span(attributes, parent);
        span.extensions_mut().insert(context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, registry: Context<'_, S>) {
        if let Some(context) = context_of(id, &registry) {
            self.late(&context, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, registry: Context<'_, S>) {
        let context = self.parent(event.parent(), event.is_contextual(), &registry);
        self.event(event, context.as_ref());
    }

    fn on_enter(&self, id: &Id, registry: Context<'_, S>) {
        if let Some(context) = context_of(id, &registry) {
            #[cfg(feature = "opentelemetry")]
            self.join_trace(id, &context);
            context::enter(self.id, id.into_u64(), context);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        context::exit(self.id, id.into_u64());
    }

    fn on_close(&self, id: Id, registry: Context<'_, S>) {
        let Some(span) = registry.span(&id) else { return };
        let context = span.extensions_mut().remove::<SharedContext>();
        if let Some(context) = context {
            memory::give_back(context);
        }
    }
}
