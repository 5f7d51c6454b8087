//! The server layer for `tower` services (axum, hyper, tonic): each request gets its root span, with the
//! event_id that `traceparent` brings or a new one.

use crate::propagate::{extract, request_span};
use http::Request;
use std::task::{Context, Poll};
use tower_service::Service;
use tracing::{Instrument, instrument::Instrumented};

/// Wraps a service in [`ServerService`].
///
/// ```
/// let layer = tracel::tower::ServerLayer::new();
/// // axum: `Router::new().route("/pay", post(pay)).layer(layer)`
/// # _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerLayer {
    _later: (),
}

impl ServerLayer {
    /// The layer with its defaults.
    #[must_use]
    pub const fn new() -> Self {
        ServerLayer { _later: () }
    }
}

impl<S> tower_layer::Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService { inner }
    }
}

/// A service whose every request has its root span.
#[derive(Clone, Copy, Debug)]
pub struct ServerService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = request_span(extract(request.headers()));
        let future = span.in_scope(|| self.inner.call(request));
        future.instrument(span)
    }
}
