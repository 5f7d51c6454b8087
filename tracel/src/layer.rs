//! The layer: it follows spans, puts each event's record together and hands it to the journal. It knows neither sinks nor
//! settings. How spans are kept differs: `sole` keeps its own, `stacked` has `tracing_subscriber`'s; what they become is in
//! `span`, what events become in `record`.

mod clock;
pub(crate) mod flood;
pub(crate) mod foreign;
pub(crate) mod levels;
mod record;
pub(crate) mod sole;
mod span;
mod stacked;
#[cfg(test)]
mod tests;

use crate::{
    Error,
    context::SpanContext,
    encode::fixed,
    handover,
    journal::{self, Journal},
    propagate,
    schema::Schema,
};
use flood::Floods;
use levels::Levels;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tracing_core::Metadata;
#[cfg(feature = "opentelemetry")]
use tracing_core::span::Id;

/// A record's buffer is given back above this many bytes, so that one long record does not hold memory for ever.
const KEPT_BUFFER: usize = 128 << 10;

/// What takes one payload's JSON, and the span that it was logged in.
pub(crate) type Take = Box<dyn Fn(&[u8], Option<&SpanContext>) + Send + Sync>;

/// What takes one payload as a journal has it.
type TakePayload = Box<dyn Fn(&[u8]) + Send + Sync>;

/// Where payloads go.
enum Out {
    Journal(Journal),
    /// A test's capture.
    Captured(Take),
    /// Payloads as a journal has them, elsewhere; their definitions are in this one.
    Elsewhere(Journal, TakePayload),
}

/// Turns events into records. Made by [`layer()`](fn@crate::layer) or [`Init::build`](crate::Init::build).
pub struct Layer {
    /// Tells this layer's spans on a thread's stack from another's.
    id: u64,
    out: Out,
    levels: Arc<Levels>,
    schema: Schema,
    /// `name@version` of the process's schema, for other crates' events.
    label: String,
    /// The same as a record has it.
    label_piece: Vec<u8>,
    /// The longest payload's JSON, in bytes.
    max: usize,
    /// `policy.limit` for other crates' events.
    floods: Option<Arc<Floods>>,
    /// The stack that it stands in, where OpenTelemetry's layer may stand, too.
    #[cfg(feature = "opentelemetry")]
    dispatch: std::sync::Mutex<Option<tracing_core::dispatcher::WeakDispatch>>,
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layer")
            .field("schema", &self.label)
            .finish_non_exhaustive()
    }
}

impl Layer {
    /// A layer that writes into `journal`; `overhead` is what completion adds to each record, in bytes.
    pub(crate) fn new(schema: Schema, journal: Journal, levels: Arc<Levels>, overhead: usize) -> Self {
        propagate::policy::set(&schema);
        Layer {
            max: (schema.max_record as usize).saturating_sub(overhead),
            floods: schema.limit.map(Floods::new).map(Arc::new),
            ..Layer::of(schema, Out::Journal(journal), levels)
        }
    }

    /// A layer that hands each record to `take` before the log returns: all that the build has of our own, whole and without
    /// limits, and of other crates' what the schema's policy admits. It is the only one of its subscriber.
    pub(crate) fn capturing(schema: Schema, take: Take) -> Self {
        let levels = Levels::new(schema.foreign_level);
        let wrong = levels.set("trace");
        debug_assert!(wrong.is_empty(), "{wrong:?}");
        Layer::of(schema, Out::Captured(take), levels.into())
    }

    /// A layer that hands each payload to `take`, for measuring what a journal takes beside it. It is the only one of its
    /// subscriber.
    ///
    /// # Errors
    /// When there is no memory.
    pub(crate) fn over(schema: Schema, take: TakePayload) -> Result<Self, Error> {
        let definitions = Journal::in_memory(journal::Options::default())?;
        let levels = Levels::new(schema.foreign_level);
        Ok(Layer::of(
            schema,
            Out::Elsewhere(definitions, take),
            levels.into(),
        ))
    }

    fn of(schema: Schema, out: Out, levels: Arc<Levels>) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        clock::prepare();
        let label = format!("{}@{}", schema.name, schema.version);
        let mut label_piece = Vec::new();
        fixed::schema(&mut label_piece, &label);
        Layer {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            out,
            levels,
            schema,
            label,
            label_piece,
            max: usize::MAX,
            floods: None,
            #[cfg(feature = "opentelemetry")]
            dispatch: std::sync::Mutex::default(),
        }
    }

    /// Another crate's span that begins a request takes the id of the trace that OpenTelemetry has it in.
    #[cfg(feature = "opentelemetry")]
    fn join_trace(&self, id: &Id, context: &SpanContext) {
        if context.request().is_known() {
            return;
        }
        let dispatch = self
            .dispatch
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let dispatch = dispatch
            .as_ref()
            .and_then(tracing_core::dispatcher::WeakDispatch::upgrade);
        if let Some(trace) = dispatch.and_then(|dispatch| crate::otel::trace_of_span(id, &dispatch)) {
            context.request().know(trace);
        }
    }

    /// What the ledger must know: the longest payload's JSON, and the floods that it tells of.
    pub(crate) fn for_ledger(&self) -> (usize, Option<Arc<Floods>>) {
        (self.max, self.floods.clone())
    }

    fn wants(&self, meta: &Metadata<'_>) -> bool {
        let ours = handover::is_ours(&meta.callsite());
        match meta.is_span() {
            // Without its span an error would not know its request, whatever the levels are.
            true => ours || self.levels.span_enabled(meta.target(), meta.level()),
            false => self.levels.enabled(ours, meta.target(), meta.level()),
        }
    }
}
