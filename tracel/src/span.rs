//! The static behind `#[tracel::instrument]`: it opens a span that carries a request's context.

#[cfg(feature = "opentelemetry")]
use crate::otel;
use crate::{
    callsite,
    context::{self, memory},
    event::Shape,
    handover::{self, Opening, SpanHandover},
    interest::CachedInterest,
    layer::sole,
    propagate::Caller,
    record::{json, members::Labels, sensitive, time::Moment, uuid7},
    value::Val,
    values,
};
use std::{fmt, sync::OnceLock};
use tracing::Span;
use tracing_core::{
    Interest, Kind, Metadata,
    callsite::{Callsite, Identifier, register},
    dispatcher,
    field::{FieldSet, Value, display},
};
use uuid::Uuid;

/// One static an instrumented function: small, like that of a log's call, and read at its first span.
pub struct SpanSite {
    registered: OnceLock<&'static Registered>,
    /// That of a [`Callsite`](crate::callsite::Callsite), whose message is the span's name.
    text: &'static str,
    interest: CachedInterest,
}

/// What the first call of a callsite made of it.
struct Registered {
    meta: Metadata<'static>,
    shape: &'static Shape,
    labels: Labels,
    /// The span's name as a JSON string.
    name: Vec<u8>,
}

/// What a span says of the request's context, beside its fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanContextArgs<'a> {
    /// `root`: a new request begins here, whatever is current.
    pub root: bool,
    /// `event_id = …`: taken when there is no current one.
    pub event_id: Option<Uuid>,
    /// `module = …`.
    pub module: Option<&'a str>,
}

impl SpanSite {
    /// The callsite of which the text says this.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        SpanSite {
            registered: OnceLock::new(),
            text,
            interest: CachedInterest::new(),
        }
    }

    #[inline]
    fn registered(&'static self) -> &'static Registered {
        match self.registered.get() {
            Some(registered) => registered,
            None => self.register(),
        }
    }

    #[cold]
    fn register(&'static self) -> &'static Registered {
        let mut first = false;
        let registered = self.registered.get_or_init(|| {
            first = true;
            // Before any other thread finds it: whoever is asked about it then would take it for another crate's.
            handover::claim(Identifier(self));
            let (place, shape) = callsite::span(self.text);
            let meta = Metadata::new(
                shape.message,
                place.module,
                place.level,
                Some(place.file),
                place.line,
                Some(place.module),
                FieldSet::new(shape.names, Identifier(self)),
                Kind::SPAN,
            );
            let labels = Labels::of(shape.keys);
            let mut name = Vec::new();
            json::string(&mut name, shape.message);
            Box::leak(Box::new(Registered {
                meta,
                shape,
                labels,
                name,
            }))
        });
        if first {
            register(self);
        }
        registered
    }

    /// Opens the span; its values are those of the site's keys, in order. Whatever the levels are, our layer
    /// wants it: without it an error would not know its request.
    pub fn open(&'static self, args: SpanContextArgs<'_>, values: &[Val<'_>]) -> Span {
        self.open_of(args, values, None)
    }

    /// The same for a request that another service sent.
    pub(crate) fn open_for(&'static self, args: SpanContextArgs<'_>, caller: Caller) -> Span {
        self.open_of(args, &[], Some(Box::new(caller)))
    }

    fn open_of(
        &'static self,
        args: SpanContextArgs<'_>,
        values: &[Val<'_>],
        caller: Option<Box<Caller>>,
    ) -> Span {
        let Registered {
            meta,
            shape,
            labels,
            name,
        } = self.registered();
        if !self.interest.enabled(meta) {
            return Span::none();
        }
        let mut span = Span::none();
        sensitive::with_classes(shape.schema.sensitive, shape.keys, values, |values| {
            // Encoded before anything of ours is looked at: a value's own code may log.
            let mut own = memory::take();
            own.fields().add_all(labels, values);
            if let Some(module) = args.module {
                own.set_module(module);
            }
            let mut opening = Some(Opening {
                name,
                root: args.root,
                caller,
                own,
            });
            let event_id = || args.event_id().0;
            let opened =
                dispatcher::get_default(|dispatch| sole::open(dispatch, meta, &mut opening, event_id));
            span = match (opened, opening) {
                (Some(span), _) => span,
                (None, Some(opening)) => open_beside(meta, args, values, opening),
                (None, None) => Span::none(),
            };
        });
        span
    }
}

impl SpanContextArgs<'_> {
    /// The request's id, and whether it is a new one.
    fn event_id(&self) -> (Uuid, bool) {
        let current = match self.root {
            true => None,
            false => context::current_event_id(),
        };
        let new = || {
            self.event_id
                .filter(|id| !id.is_nil())
                .or_else(|| otel::current_trace().filter(|_| !self.root))
                .unwrap_or_else(|| uuid7(Moment::now()))
        };
        current.map_or_else(|| (new(), true), |current| (current, false))
    }
}

/// Opens a span by way of the dispatcher: other layers may want it, and see its values as fields.
#[inline(never)]
fn open_beside(
    meta: &'static Metadata<'static>,
    args: SpanContextArgs<'_>,
    values: &[Val<'_>],
    opening: Opening,
) -> Span {
    let (event_id, first) = args.event_id();
    let remote = opening.caller.as_ref().map(|caller| caller.remote.clone());
    let handed = SpanHandover {
        callsite: meta.callsite(),
        event_id,
        opening,
    };
    let mut span = Span::none();
    handover::with_span(handed, || {
        let shown = display(event_id);
        let module = args.module.as_ref().map(|module| module as &dyn Value);
        let before = [Some(&shown as &dyn Value), module];
        values::with_value_set(meta.fields(), &before, values, |set| span = Span::new(meta, set));
    });
    if first {
        otel::begin(&span, event_id, remote.as_ref());
    }
    span
}

/// Without OpenTelemetry there is nobody to agree with.
#[cfg(not(feature = "opentelemetry"))]
mod otel {
    use super::{Span, Uuid};
    use crate::propagate::Remote;

    pub(super) fn begin(_: &Span, _: Uuid, _: Option<&Remote>) {}

    pub(super) fn current_trace() -> Option<Uuid> {
        None
    }
}

impl Callsite for SpanSite {
    fn set_interest(&self, interest: Interest) {
        self.interest.set(&interest);
    }

    fn metadata(&self) -> &Metadata<'_> {
        // Only registered callsites are known to `tracing`, and registering begins with the metadata.
        &self
            .registered
            .get()
            .expect("a callsite is registered with its metadata")
            .meta
    }
}

impl fmt::Debug for SpanSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SpanSite").field(&self.text).finish()
    }
}
