//! The `tracing_subscriber` layer: it follows spans, puts each event's record together and hands it to the
//! journal. It knows neither sinks nor settings.

pub(crate) mod flood;
pub(crate) mod foreign;
pub(crate) mod levels;

use crate::{
    context::{self, NewSpan, Request, SpanContext, memory},
    encode::{
        complete::HEADER,
        cut::cut,
        fixed::{self, Fixed, Said},
        line::{Line, Own},
        own,
    },
    handover::{self, Held, SpanHandover},
    journal::{self, Journal},
    propagate,
    record::{members::Members, time::Moment, uuid7},
    schema::Schema,
    stats,
};
use flood::Floods;
use foreign::ForeignFields;
use levels::Levels;
use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tracing_core::{
    Dispatch, Event, Interest, Level, LevelFilter, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{layer::Context, registry::LookupSpan};

/// A record's buffer is given back above this many bytes, so that one long record does not hold memory for ever.
const KEPT_BUFFER: usize = 128 << 10;

/// What takes one payload's JSON, and the span that it was logged in.
pub(crate) type Take = Box<dyn Fn(&[u8], Option<&SpanContext>) + Send + Sync>;

/// Where payloads go.
enum Out {
    Journal(Journal),
    /// A test's capture.
    Captured(Take),
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
    /// Whether nobody else listens, so that a callsite that we do not record can be switched off.
    sole: bool,
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
    pub(crate) fn new(
        schema: Schema,
        journal: Journal,
        levels: Arc<Levels>,
        overhead: usize,
        sole: bool,
    ) -> Self {
        propagate::policy::set(&schema);
        Layer {
            max: (schema.max_record as usize).saturating_sub(overhead),
            floods: schema.limit.map(Floods::new).map(Arc::new),
            sole,
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

    fn of(schema: Schema, out: Out, levels: Arc<Levels>) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
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
            sole: true,
            #[cfg(feature = "opentelemetry")]
            dispatch: std::sync::Mutex::default(),
        }
    }

    /// Another crate's span that begins a request takes the id of the trace that OpenTelemetry has it in.
    #[cfg(feature = "opentelemetry")]
    fn join_trace(&self, id: &Id, context: &SpanContext) {
        if self.sole || context.request().is_known() {
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

    /// The context of an event's or a span's parent.
    fn parent<S>(
        &self,
        explicit: Option<&Id>,
        contextual: bool,
        registry: &Context<'_, S>,
    ) -> Option<Arc<SpanContext>>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match explicit {
            Some(id) => registry.span(id)?.extensions().get::<Arc<SpanContext>>().cloned(),
            None if contextual => context::current_in(self.id),
            None => None,
        }
    }

    /// The layer of a stack in which it stands alone: all that our callsites send ends there.
    #[inline(always)]
    pub(crate) fn alone(dispatch: &Dispatch) -> Option<&Layer> {
        dispatch.downcast_ref::<Layer>().filter(|layer| layer.sole)
    }

    /// A record of a callsite of ours, as [`on_event`](tracing_subscriber::Layer::on_event) makes it, where nobody else wants the
    /// event.
    #[inline(always)]
    pub(crate) fn record(&self, level: &Level, fixed: &Fixed, own: Own<'_>) {
        if !journal::drains() {
            let recorded = context::with_current_in(self.id, |context| {
                self.own_record(level, fixed, own, context.map(Arc::as_ref));
            });
            if recorded.is_none() {
                self.last_record(level, fixed, own);
            }
        }
    }

    /// The same of a thread that is ending: it is in no span any more.
    #[cold]
    #[inline(never)]
    fn last_record(&self, level: &Level, fixed: &Fixed, own: Own<'_>) {
        self.own_record(level, fixed, own, None);
    }

    #[inline(always)]
    fn own_record(&self, level: &Level, fixed: &Fixed, own: Own<'_>, context: Option<&SpanContext>) {
        self.push(level, &self.line(fixed, own, context));
    }

    /// What flood control held back: a record of TraceL's own, no orphan, and of no category.
    fn held_record(&self, meta: &Metadata<'_>, members: &Members, held: &Held) {
        let fixed = Fixed::of(&Said {
            level: meta.level(),
            module: meta.target(),
            message: own::HELD_MESSAGE,
            log_type: "system",
            event_name: own::HELD,
            source: meta.file().zip(meta.line()),
            target: None,
            schema: own::SCHEMA,
        });
        self.write(&self.line(&fixed, Own::Members(members), held.context.as_deref()));
    }

    #[inline(always)]
    fn line<'a>(&'a self, fixed: &'a Fixed, own: Own<'a>, context: Option<&'a SpanContext>) -> Line<'a> {
        let at = Moment::now();
        Line {
            at,
            uuid: uuid7(at),
            fixed,
            schema: &self.label_piece,
            context,
            own,
        }
    }

    fn foreign_record(&self, event: &Event<'_>, context: Option<&Arc<SpanContext>>) {
        let normalized = event.normalized_metadata();
        let meta = normalized.as_ref().unwrap_or_else(|| event.metadata());
        if !self.sole && !self.levels.enabled(false, meta.target(), meta.level()) {
            return;
        }
        if self
            .floods
            .as_ref()
            .is_some_and(|floods| !floods.admits(meta, context))
        {
            return;
        }
        thread_local! {
            static FIXED: Cell<Option<Fixed>> = const { Cell::new(None) };
        }
        let (mut members, mut message) = (handover::members(), String::new());
        event.record(&mut ForeignFields {
            schema: &self.schema,
            members: &mut members,
            message: Some(&mut message),
        });
        let mut fixed = FIXED.try_with(Cell::take).ok().flatten().unwrap_or_default();
        fixed.set(&Said {
            level: meta.level(),
            module: meta.module_path().unwrap_or(meta.target()),
            message: &message,
            log_type: "system",
            event_name: "",
            source: meta.file().zip(meta.line()),
            target: Some(meta.target()),
            schema: &self.label,
        });
        let line = self.line(&fixed, Own::Members(&members), context.map(Arc::as_ref));
        self.push(meta.level(), &line);
        // A thread that is ending has no next event.
        let _ = FIXED.try_with(|kept| kept.set(Some(fixed)));
        handover::give_back(members);
    }

    #[inline(always)]
    fn push(&self, level: &Level, line: &Line<'_>) {
        match line.context {
            Some(context) => context.request().made(level),
            None => stats::ORPHANED.add(1),
        }
        self.write(line);
    }

    #[inline(always)]
    fn write(&self, line: &Line<'_>) {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        // No code but ours runs while the buffer is borrowed: every value is encoded already.
        let written = BUFFER.try_with(|buffer| self.write_in(line, &mut buffer.borrow_mut()));
        if written.is_err() {
            self.write_last(line);
        }
    }

    /// The same of a thread that is ending: it has no buffer any more.
    #[cold]
    #[inline(never)]
    fn write_last(&self, line: &Line<'_>) {
        self.write_in(line, &mut Vec::new());
    }

    #[inline(always)]
    fn write_in(&self, line: &Line<'_>, buffer: &mut Vec<u8>) {
        line.write(buffer);
        if buffer.len() - HEADER > self.max {
            stats::CUT.add(1);
            cut(buffer, self.max);
        }
        match &self.out {
            // What became of it the journal counts.
            Out::Journal(journal) => _ = journal.push(buffer),
            Out::Captured(take) => take(&buffer[HEADER..], line.context),
        }
        if buffer.capacity() > KEPT_BUFFER {
            buffer.clear();
            buffer.shrink_to(KEPT_BUFFER);
        }
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

    fn register_callsite(&self, meta: &'static Metadata<'static>) -> Interest {
        match !self.sole || self.wants(meta) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, meta: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !self.sole || self.wants(meta)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // A hint holds for all layers of a stack: beside others we have none.
        self.sole.then(|| self.levels.max())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, registry: Context<'_, S>) {
        let Some(span) = registry.span(id) else { return };
        let handed = handover::take_span(&attributes.metadata().callsite());
        if span.extensions().get::<Arc<SpanContext>>().is_some() {
            // Another layer of ours in the same stack has made it.
            return;
        }
        let parent = self.parent(attributes.parent(), attributes.is_contextual(), &registry);
        let context = match handed {
            Some(handed) => self.own_span(handed, parent, attributes.metadata().name()),
            None => self.foreign_span(attributes, parent),
        };
        span.extensions_mut().insert(Arc::new(context));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, registry: Context<'_, S>) {
        let context = registry
            .span(id)
            .and_then(|span| span.extensions().get::<Arc<SpanContext>>().cloned());
        let Some(context) = context else { return };
        // Encoded before the span's lock is taken: a value's own code may log. What is recorded by way of
        // `tracing` no macro has checked, so it stands under `extra`.
        let mut late = Members::default();
        values.record(&mut ForeignFields {
            schema: &self.schema,
            members: &mut late,
            message: None,
        });
        context.add(late);
    }

    fn on_event(&self, event: &Event<'_>, registry: Context<'_, S>) {
        if journal::drains() {
            // What a sink's client library says must not feed the journal that the sink empties.
            return;
        }
        let meta = event.metadata();
        let context = self.parent(event.parent(), event.is_contextual(), &registry);
        let recorded = handover::read_event(&meta.callsite(), |handed| {
            if self.sole || self.levels.enabled(true, meta.target(), meta.level()) {
                match &handed.held {
                    Some(held) => self.held_record(meta, &handed.members, held),
                    None => {
                        let own = Own::Members(&handed.members);
                        self.own_record(meta.level(), handed.fixed, own, context.as_deref());
                    }
                }
            }
        });
        if recorded.is_none() {
            self.foreign_record(event, context.as_ref());
        }
    }

    fn on_enter(&self, id: &Id, registry: Context<'_, S>) {
        let context = registry
            .span(id)
            .and_then(|span| span.extensions().get::<Arc<SpanContext>>().cloned());
        if let Some(context) = context {
            #[cfg(feature = "opentelemetry")]
            self.join_trace(id, &context);
            context::enter(self.id, id.into_u64(), context);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        context::exit(self.id, id.into_u64());
    }
}
