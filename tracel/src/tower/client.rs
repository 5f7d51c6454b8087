//! The client's side: a request takes the current context along in its headers.

use crate::inject;
use http::Request;
use std::task::{Context, Poll};
use tower_service::Service;

/// Wraps a client in [`ClientService`]: hyper's, tonic's channel, or any stack of layers over one.
///
/// ```
/// let layer = tracel::tower::ClientLayer::new();
/// // `ServiceBuilder::new().layer(layer).service(client)`
/// # _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientLayer {
    _later: (),
}

impl ClientLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        ClientLayer { _later: () }
    }
}

impl<S> tower_layer::Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService { inner }
    }
}

/// A client whose requests carry `traceparent`, `tracestate` and `baggage`; outside any request none of them.
#[derive(Clone, Copy, Debug)]
pub struct ClientService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        inject(request.headers_mut());
        self.inner.call(request)
    }
}
