//! Beside OpenTelemetry: a trace-id is an event_id, and an event_id a trace-id. [`IdGenerator`] and [`Sampler`] go into
//! the SDK's tracer provider; the rest happens where `tracing-opentelemetry`'s layer stands beside ours.
//!
//! ```
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//!
//! let provider = SdkTracerProvider::builder()
//!     .with_id_generator(tracel::otel::IdGenerator::default())
//!     .with_sampler(tracel::otel::Sampler::ratio(0.1))
//!     .build();
//! ```

mod ids;
mod sampler;

pub use ids::IdGenerator;
pub use sampler::Sampler;

use crate::propagate::Remote;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use std::cell::Cell;
use tracing::Span;
use tracing_core::{Dispatch, span::Id};
use tracing_opentelemetry::{OpenTelemetrySpanExt, get_otel_context};
use uuid::Uuid;

thread_local! {
    static HAS_ENDED: Cell<bool> = const { Cell::new(false) };
    static END: End = const { End };
}

/// Tells when a thread's locals end.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        HAS_ENDED.set(true);
    }
}

/// The trace that is current for OpenTelemetry: what another propagator has brought.
pub(crate) fn current_trace() -> Option<Uuid> {
    // OpenTelemetry's context panics on a thread whose locals have ended: there is no trace to join.
    if HAS_ENDED.get() {
        return None;
    }
    let trace = trace_of(&Context::current());
    // Begun after OpenTelemetry's, it ends before it.
    let _ = END.try_with(|_| ());
    trace
}

/// The trace that a span of another crate's belongs to: its parent may have been set after it was made.
pub(crate) fn trace_of_span(id: &Id, dispatch: &Dispatch) -> Option<Uuid> {
    trace_of(&get_otel_context(id, dispatch)?)
}

fn trace_of(context: &Context) -> Option<Uuid> {
    let span = context.span();
    let context = span.span_context();
    context
        .is_valid()
        .then(|| Uuid::from_bytes(context.trace_id().to_bytes()))
}

/// Gives a request's first span the request's event_id as its trace-id, and the caller's span as its parent.
pub(crate) fn begin(span: &Span, event_id: Uuid, remote: Option<&Remote>) {
    let trace_id = TraceId::from_bytes(event_id.into_bytes());
    let parent = match remote {
        Some(remote) => {
            let flags = match remote.sampled {
                true => TraceFlags::SAMPLED,
                false => TraceFlags::NOT_SAMPLED,
            };
            let state = remote
                .state
                .as_deref()
                .and_then(|state| state.parse::<TraceState>().ok());
            let span_id = SpanId::from_bytes(remote.span_id.to_be_bytes());
            let caller = SpanContext::new(trace_id, span_id, flags, true, state.unwrap_or_default());
            Context::new().with_remote_span_context(caller)
        }
        None => match current_trace() == Some(event_id) {
            true => Context::current(),
            false => Context::new(),
        },
    };
    // Without a layer of OpenTelemetry's there is nobody to tell.
    if span.set_parent(parent).is_ok() {
        // The SDK draws a root's trace-id when the span is started, which this does.
        ids::with_next(trace_id, || drop(span.context()));
    }
}

/// Whether the current span is sampled; `None` when OpenTelemetry does not follow it.
pub(crate) fn is_sampled() -> Option<bool> {
    let context = Span::current().context();
    let span = context.span();
    let context = span.span_context();
    context.is_valid().then(|| context.is_sampled())
}
