//! A request's context between services: [`inject`] and [`extract`], and what is made of what arrives. The headers'
//! texts are read and written in `traceparent` and `baggage`; what is believed, `policy` says.

mod baggage;
pub mod carrier;
pub(crate) mod policy;
#[cfg(feature = "rdkafka")]
pub mod rdkafka;
#[cfg(feature = "reqwest")]
pub mod reqwest;
mod traceparent;

pub use carrier::Carrier;

use crate::{
    EventId, context,
    record::members::Members,
    span::{SpanContextArgs, SpanSite},
    stats,
};
use std::{net::IpAddr, sync::Arc};
use tracing::Span;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// The context that another service sent along: which request this is, which of its spans called, and the fields of
/// the schema that travel (`propagate = true`).
#[derive(Clone, Debug)]
pub struct RemoteContext {
    event_id: EventId,
    remote: Remote,
    fields: Members,
    trust: Trusted,
}

/// The caller's span, and what its tracing system says.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) span_id: u64,
    pub(crate) sampled: bool,
    pub(crate) state: Option<Arc<str>>,
}

/// What is known of who sent a context.
#[derive(Clone, Copy, Debug)]
enum Trusted {
    /// Nothing but this address.
    Peer(Option<IpAddr>),
    /// The service vouches for it.
    Vouched,
}

impl RemoteContext {
    /// The request.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        self.event_id
    }

    /// The caller's span, never 0.
    #[must_use]
    pub fn span_id(&self) -> u64 {
        self.remote.span_id
    }

    /// Says who sent it: `policy.trust` may name networks, and an unknown sender is in none.
    #[must_use]
    pub fn from_peer(self, peer: IpAddr) -> Self {
        let trust = Trusted::Peer(Some(peer));
        RemoteContext { trust, ..self }
    }

    /// Says that it comes from a carrier which only services of ours write to, like a topic: it is believed whatever
    /// `policy.trust` says.
    #[must_use]
    pub fn vouched(self) -> Self {
        let trust = Trusted::Vouched;
        RemoteContext { trust, ..self }
    }
}

/// Writes the current context into `carrier`, for the service that is called next: `traceparent`, the `tracestate` that
/// came with the request, and the schema's fields that travel, as `baggage` beside what stands there. Outside any
/// request it writes nothing and returns `false`.
pub fn inject(carrier: &mut impl Carrier) -> bool {
    let Some(current) = context::current() else {
        return false;
    };
    let request = current.request();
    carrier.set(
        TRACEPARENT,
        traceparent::write(request.event_id(), current.link(), is_sampled(request)),
    );
    if let Some(state) = request.state() {
        carrier.set(TRACESTATE, state.to_owned());
    }
    let fields = policy::current().fields;
    if !fields.is_empty() {
        let mut text = None;
        current.with_members(|members| text = baggage::write(fields, members, carrier.get(BAGGAGE)));
        if let Some(text) = text {
            carrier.set(BAGGAGE, text);
        }
    }
    true
}

/// Whether tracing systems take this trace: as the one beside us has decided, else as the caller has.
fn is_sampled(request: &context::Request) -> bool {
    #[cfg(feature = "opentelemetry")]
    if let Some(sampled) = crate::otel::is_sampled() {
        return sampled;
    }
    request.is_sampled()
}

/// Reads the context that `carrier` brought; `None` when there is none, or none that the standard allows. A broken
/// header is counted (`headers_refused` of [`stats`](crate::stats())), and does no other harm.
pub fn extract(carrier: &impl Carrier) -> Option<RemoteContext> {
    let Some((event_id, span_id, sampled)) = traceparent::read(carrier.get(TRACEPARENT)?) else {
        stats::HEADERS_REFUSED.add(1);
        return None;
    };
    let state = carrier.get(TRACESTATE).filter(|state| !state.is_empty());
    let sound = state.filter(|state| traceparent::is_state(state));
    let policy = policy::current();
    let fields = carrier.get(BAGGAGE).map_or_else(
        || Ok(Members::default()),
        |text| baggage::read(policy.fields, policy.sensitive, text),
    );
    if sound != state || fields.is_err() {
        stats::HEADERS_REFUSED.add(1);
    }
    Some(RemoteContext {
        event_id: EventId::from_uuid(event_id),
        remote: Remote {
            span_id,
            sampled,
            state: sound.map(Arc::from),
        },
        fields: fields.unwrap_or_else(|rest| rest),
        trust: Trusted::Peer(None),
    })
}

/// The context, unless the policy does not trust its sender. One that is not believed is counted.
fn believed(remote: Option<RemoteContext>) -> Option<RemoteContext> {
    remote.filter(|remote| {
        let believed = match remote.trust {
            Trusted::Vouched => true,
            Trusted::Peer(peer) => policy::current().trusts(peer),
        };
        if !believed {
            stats::HEADERS_REFUSED.add(1);
        }
        believed
    })
}

/// The root span of a request that came from another service, or of a new one: what a server or a worker opens for each
/// request that no layer of ours does it for. What `policy.trust` does not trust begins a new request.
///
/// ```
/// # let headers = std::collections::HashMap::<String, String>::new();
/// let span = tracel::request_span(tracel::extract(&headers));
/// span.in_scope(|| { /* logs here belong to the request */ });
/// ```
#[must_use]
pub fn request_span(remote: Option<RemoteContext>) -> Span {
    open(remote, true)
}

/// The same; `silent` where nothing will be logged in the span itself.
pub(crate) fn open(remote: Option<RemoteContext>, silent: bool) -> Span {
    static SITE: SpanSite = SpanSite::new(concat!(
        "3",
        module_path!(),
        "\n",
        file!(),
        "\n",
        line!(),
        "\n\n\n\n\n\nrequest"
    ));
    let args = SpanContextArgs {
        root: true,
        ..SpanContextArgs::default()
    };
    match believed(remote) {
        None => SITE.open(args, &[]),
        Some(remote) => SITE.open_for(
            SpanContextArgs {
                event_id: Some(remote.event_id.uuid()),
                ..args
            },
            Caller {
                remote: remote.remote,
                fields: remote.fields,
                silent,
            },
        ),
    }
}

/// Who called: what a request's first span is told beside its event_id.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) remote: Remote,
    pub(crate) fields: Members,
    /// Nothing is logged in the span: the caller's is named as a parent in its place.
    pub(crate) silent: bool,
}
