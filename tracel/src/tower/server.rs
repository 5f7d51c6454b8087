//! The server's side: each request gets its root span, with the event_id that `traceparent` brings or a new one.

use super::canonical::Canonical;
use crate::propagate::{self, extract};
use http::{Extensions, Request, Response};
use pin_project_lite::pin_project;
use std::{
    fmt,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tower_service::Service;
use tracing::{Instrument, instrument::Instrumented};

type Peer = fn(&Extensions) -> Option<IpAddr>;
type Route = fn(&Extensions) -> Option<&str>;

/// Wraps a service in [`ServerService`]: each request has a root span, a record where it begins, and one where it ends,
/// with its method, its route's template, status, duration, and how many records of which level it made. Neither the
/// path, nor the query string, nor a body is recorded.
///
/// ```
/// let layer = tracel::tower::ServerLayer::new();
/// // axum: `Router::new().route("/pay", post(pay)).layer(layer)`
/// # _ = layer;
/// ```
///
/// With the feature `axum` the route's template and the peer's address come from axum's `MatchedPath` and
/// `ConnectInfo`; elsewhere [`route`](ServerLayer::route) and [`peer`](ServerLayer::peer) say where they stand.
#[derive(Clone, Copy)]
pub struct ServerLayer {
    peer: Peer,
    route: Route,
    records: bool,
}

impl ServerLayer {
    /// The layer with its defaults.
    #[must_use]
    pub const fn new() -> Self {
        ServerLayer {
            peer: peer_of,
            route: route_of,
            records: true,
        }
    }

    /// Where a request says who sent it, for a `policy.trust` that names networks. Behind a proxy that is the proxy,
    /// unless an extension of the proxy's making says better.
    #[must_use]
    pub const fn peer(self, peer: Peer) -> Self {
        ServerLayer { peer, ..self }
    }

    /// Where a request says which route's template it matched, like `/orders/{id}`.
    #[must_use]
    pub const fn route(self, route: Route) -> Self {
        ServerLayer { route, ..self }
    }

    /// Leaves out the records at a request's begin and end.
    #[must_use]
    pub const fn without_records(self) -> Self {
        ServerLayer {
            records: false,
            ..self
        }
    }
}

impl Default for ServerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ServerLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerLayer")
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "axum")]
fn peer_of(extensions: &Extensions) -> Option<IpAddr> {
    type Info = axum::extract::ConnectInfo<std::net::SocketAddr>;
    extensions.get::<Info>().map(|info| info.0.ip())
}

#[cfg(not(feature = "axum"))]
fn peer_of(_: &Extensions) -> Option<IpAddr> {
    None
}

#[cfg(feature = "axum")]
fn route_of(extensions: &Extensions) -> Option<&str> {
    extensions
        .get::<axum::extract::MatchedPath>()
        .map(axum::extract::MatchedPath::as_str)
}

#[cfg(not(feature = "axum"))]
fn route_of(_: &Extensions) -> Option<&str> {
    None
}

impl<S> tower_layer::Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        let layer = *self;
        ServerService { inner, layer }
    }
}

/// A service whose every request has its root span.
#[derive(Clone, Copy, Debug)]
pub struct ServerService<S> {
    inner: S,
    layer: ServerLayer,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let ServerLayer { peer, route, records } = self.layer;
        let remote = extract(request.headers()).map(|remote| match peer(request.extensions()) {
            Some(peer) => remote.from_peer(peer),
            None => remote,
        });
        let span = propagate::open(remote, !records);
        let canonical = records.then(|| {
            let route = route(request.extensions()).or_else(|| rpc(&request));
            Canonical::begin(span.clone(), request.method(), route)
        });
        let future = span.in_scope(|| self.inner.call(request));
        ResponseFuture {
            inner: future.instrument(span),
            canonical,
        }
    }
}

/// A gRPC method's path is its route: it holds no value.
fn rpc<B>(request: &Request<B>) -> Option<&str> {
    let content = request.headers().get(http::header::CONTENT_TYPE)?;
    content
        .as_bytes()
        .starts_with(b"application/grpc")
        .then(|| request.uri().path())
}

pin_project! {
    /// A request on its way, within its span.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Instrumented<F>,
        canonical: Option<Canonical>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Whoever catches a panic may drop this later: what is left in a poll has panicked.
        this.canonical
            .iter_mut()
            .for_each(|canonical| canonical.within = true);
        let polled = this.inner.poll(context);
        this.canonical
            .iter_mut()
            .for_each(|canonical| canonical.within = false);
        let result = ready!(polled);
        if let Some(canonical) = this.canonical.take() {
            canonical.end(result.as_ref().ok().map(Response::status));
        }
        Poll::Ready(result)
    }
}
