//! Ids for OpenTelemetry's spans.

use crate::generate_event_id;
use opentelemetry::trace::{SpanId, TraceId};
use std::cell::Cell;

thread_local! {
    static NEXT: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// The next root span that starts on this thread within `run` gets this id.
pub(super) fn with_next(id: TraceId, run: impl FnOnce()) {
    let before = NEXT.replace(Some(id));
    run();
    NEXT.set(before);
}

/// Draws trace-ids that are event_ids: the request's where there is one, else a new one (a UUID of version 7).
#[derive(Clone, Copy, Debug, Default)]
pub struct IdGenerator {
    _later: (),
}

impl opentelemetry_sdk::trace::IdGenerator for IdGenerator {
    fn new_trace_id(&self) -> TraceId {
        NEXT.take()
            .unwrap_or_else(|| TraceId::from_bytes(generate_event_id().uuid().into_bytes()))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from_bytes(fastrand::u64(1..).to_be_bytes())
    }
}
