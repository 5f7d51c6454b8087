//! A request's own two records: where it begins, and the canonical one where it ends, which says all that one wants to
//! know of a request at once (after Stripe's canonical log lines, <https://brandur.org/canonical-log-lines>).

use crate::{
    callsite::{Callsite, emit},
    context::{self, Request},
    value::Val,
};
use http::{Method, StatusCode};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Span;

// Their module, `tracel::http`, is the target by which `TRACEL_LOG` speaks of them.
const BEGUN: &str = concat!(
    "3tracel::http\n",
    file!(),
    "\n",
    line!(),
    "\n\n\n\ntracel_request_begun\nhttp_method http_route\nrequest begun"
);

/// The callsite of one way in which a request ends.
macro_rules! ending {
    ($level:literal, $message:literal) => {{
        static SITE: Callsite = Callsite::new();
        let text = concat!(
            $level,
            "tracel::http\n",
            file!(),
            "\n",
            line!(),
            "\n\n\n\ntracel_request_ended\nhttp_method http_route http_status http_duration \
             tracel_records tracel_warnings tracel_errors\n",
            $message
        );
        (&SITE, text)
    }};
}

/// A request between its two records. Dropped before it has ended, it was given up by its client, or it panicked.
pub(super) struct Canonical {
    span: Span,
    request: Option<Arc<Request>>,
    method: &'static str,
    route: Option<Box<str>>,
    begun: Instant,
    ended: bool,
    /// Whether the service's code runs just now.
    pub(super) within: bool,
}

impl Canonical {
    /// Writes the first record.
    pub(super) fn begin(span: Span, method: &Method, route: Option<&str>) -> Self {
        let method = known(method);
        static SITE: Callsite = Callsite::new();
        let request = span.in_scope(|| {
            emit(
                &SITE,
                BEGUN,
                &[Val::Str(method), route.map_or(Val::Null, Val::Str)],
            );
            context::current().map(|context| Arc::clone(context.request()))
        });
        if let Some(request) = &request {
            request.count();
        }
        Canonical {
            span,
            request,
            method,
            route: route.map(Box::from),
            begun: Instant::now(),
            ended: false,
            within: false,
        }
    }

    /// Writes the last record; without a status where the service failed.
    pub(super) fn end(mut self, status: Option<StatusCode>) {
        let site = match status {
            Some(status) if status.is_server_error() => ending!(1, "request failed"),
            Some(_) => ending!(3, "request ended"),
            None => ending!(1, "request broke off"),
        };
        self.finish(site, status);
    }

    fn finish(&mut self, (site, text): (&'static Callsite, &'static str), status: Option<StatusCode>) {
        self.ended = true;
        let [records, warnings, errors] = self.request.as_ref().map_or([0; 3], |request| request.counts());
        let duration: Duration = self.begun.elapsed();
        let values = [
            Val::Str(self.method),
            self.route.as_deref().map_or(Val::Null, Val::Str),
            status.map_or(Val::Null, |status| Val::U64(status.as_u16().into())),
            Val::Duration(duration),
            Val::U64(records),
            Val::U64(warnings),
            Val::U64(errors),
        ];
        self.span.in_scope(|| emit(site, text, &values));
    }
}

impl Drop for Canonical {
    fn drop(&mut self) {
        if !self.ended {
            let site = match self.within || std::thread::panicking() {
                true => ending!(1, "request panicked"),
                false => ending!(2, "request given up by its client"),
            };
            self.finish(site, None);
        }
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canonical")
            .field("method", &self.method)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

/// The methods that there are; another is a client's text, and stays out of the log (as OpenTelemetry's conventions
/// have it).
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => "_OTHER",
    }
}
