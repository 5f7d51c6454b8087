//! A middleware for reqwest's client: each request takes the current context along.

use crate::inject;
use http::Extensions;
use reqwest_middleware::{Middleware, Next, Result};
use std::pin::Pin;

/// Writes `traceparent`, `tracestate` and `baggage` into each request; outside any request of ours none of them.
///
/// ```
/// let client = reqwest_middleware::ClientBuilder::new(reqwest_middleware::reqwest::Client::new())
///     .with(tracel::propagate::reqwest::Propagate)
///     .build();
/// # drop(client);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Propagate;

/// What `async_trait` makes of the trait's method, by hand: a macro less to build.
type Handled<'f> = Pin<Box<dyn Future<Output = Result<reqwest_middleware::reqwest::Response>> + Send + 'f>>;

impl Middleware for Propagate {
    fn handle<'a, 'b, 'c, 'f>(
        &'a self,
        mut request: reqwest_middleware::reqwest::Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> Handled<'f>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        Self: 'f,
    {
        inject(request.headers_mut());
        next.run(request, extensions)
    }
}
