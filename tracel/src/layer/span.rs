//! What a span of ours, or of another crate, becomes: its context. Where that is kept, `sole` and `stacked` know.

use super::{Layer, foreign::ForeignFields};
use crate::{
    context::{Request, SharedContext, SpanContext, Within, memory},
    handover::{self, Opening},
    record::{json, members::Members},
};
use std::sync::Arc;
use tracing_core::span::{Attributes, Record};
use uuid::Uuid;

impl Layer {
    /// A span that came by way of `tracing`.
    pub(super) fn span(&self, attributes: &Attributes<'_>, parent: Option<SharedContext>) -> SharedContext {
        let meta = attributes.metadata();
        match handover::take_span(&meta.callsite()) {
            Some(handed) => own_span(handed.opening, parent, || handed.event_id),
            None => self.foreign_span(attributes, parent),
        }
    }

    /// What is recorded by way of `tracing` no macro has checked, so it stands under `extra`.
    pub(super) fn late(&self, context: &SpanContext, values: &Record<'_>) {
        // Encoded before the span's lock is taken: a value's own code may log.
        let mut late = Members::default();
        values.record(&mut ForeignFields {
            schema: &self.schema,
            members: &mut late,
            message: None,
        });
        context.add(late);
    }

    fn foreign_span(&self, attributes: &Attributes<'_>, parent: Option<SharedContext>) -> SharedContext {
        let mut own = memory::take();
        attributes.record(&mut ForeignFields {
            schema: &self.schema,
            members: own.fields(),
            message: None,
        });
        let within = parent.map_or_else(
            || Within::Request {
                request: Arc::new(Request::unknown()),
                caller: None,
            },
            Within::Span,
        );
        own.begin(within, |text| json::string(text, attributes.metadata().name()));
        own.shareable()
    }
}

/// A span of ours; `event_id` is asked where a new request begins.
#[inline(always)]
pub(super) fn own_span(
    opening: Opening,
    parent: Option<SharedContext>,
    event_id: impl FnOnce() -> Uuid,
) -> SharedContext {
    let Opening {
        name,
        root,
        caller,
        mut own,
    } = opening;
    let within = match parent.filter(|_| !root) {
        Some(parent) => Within::Span(parent),
        None => {
            let (sampled, state) = match &caller {
                Some(caller) => (caller.remote.sampled, caller.remote.state.clone()),
                None => (true, None),
            };
            if let Some(caller) = &caller {
                own.fields().inherit(&caller.fields);
            }
            Within::Request {
                request: Arc::new(Request::new(event_id(), sampled, state)),
                caller: caller.map(|caller| (caller.remote.span_id, caller.silent)),
            }
        }
    };
    own.begin(within, |text| text.extend_from_slice(name));
    own.shareable()
}
