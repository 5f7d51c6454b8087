//! What a span of ours, or of another crate, becomes: its context. Where that is kept, `sole` and `stacked` know.

use super::{Layer, foreign::ForeignFields};
use crate::{
    context::{NewSpan, Request, SpanContext, memory},
    handover::{self, SpanHandover},
    record::members::Members,
};
use std::sync::Arc;
use tracing_core::span::{Attributes, Record};

impl Layer {
    /// A span that came by way of `tracing`.
    pub(super) fn span(&self, attributes: &Attributes<'_>, parent: Option<Arc<SpanContext>>) -> SpanContext {
        let meta = attributes.metadata();
        match handover::take_span(&meta.callsite()) {
            Some(handed) => self.own_span(handed, parent, meta.name()),
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

    fn own_span(&self, handed: SpanHandover, parent: Option<Arc<SpanContext>>, name: &str) -> SpanContext {
        let parent = parent.filter(|_| !handed.root);
        let caller = handed.caller.filter(|_| parent.is_none());
        let request = match &parent {
            Some(parent) => Arc::clone(parent.request()),
            None => {
                let (sampled, state) = match &caller {
                    Some(caller) => (caller.remote.sampled, caller.remote.state.clone()),
                    None => (true, None),
                };
                Arc::new(Request::new(handed.event_id, sampled, state))
            }
        };
        let mut own = handed.own;
        if let Some(caller) = &caller {
            own.members.inherit(&caller.fields);
        }
        SpanContext::new(NewSpan {
            request,
            caller: caller.map(|caller| (caller.remote.span_id, caller.silent)),
            parent,
            name,
            own,
        })
    }

    fn foreign_span(&self, attributes: &Attributes<'_>, parent: Option<Arc<SpanContext>>) -> SpanContext {
        let mut own = memory::take();
        attributes.record(&mut ForeignFields {
            schema: &self.schema,
            members: &mut own.members,
            message: None,
        });
        let request = match &parent {
            Some(parent) => Arc::clone(parent.request()),
            None => Arc::new(Request::unknown()),
        };
        let name = attributes.metadata().name();
        SpanContext::new(NewSpan {
            request,
            caller: None,
            parent,
            name,
            own,
        })
    }
}
