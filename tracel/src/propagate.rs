//! A request's context between services: the header `traceparent` of the W3C's Trace Context
//! (<https://www.w3.org/TR/trace-context/>), whose trace-id is our event_id and whose parent-id our span_id.

use crate::{
    context,
    event::SchemaRef,
    schema::Sensitive,
    span::{SpanContextArgs, SpanSite},
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
};
use tracing::Span;
use tracing_core::Level;
use uuid::Uuid;

/// The header's name.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// What carries text from one service to another by name: headers of HTTP or Kafka, metadata of gRPC.
pub trait Carrier {
    /// The text under this name, if there is one that is UTF-8. Names are in lower case.
    fn get(&self, name: &str) -> Option<&str>;
    /// Puts a text under this name, in place of what stands there.
    fn set(&mut self, name: &'static str, value: String);
}

impl<S: BuildHasher> Carrier for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

impl Carrier for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

#[cfg(feature = "tower")]
impl Carrier for http::HeaderMap {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }

    fn set(&mut self, name: &'static str, value: String) {
        // A traceparent is made of hexadecimal digits and dashes, which every header may hold.
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            self.insert(http::HeaderName::from_static(name), value);
        }
    }
}

/// The context that another service sent along: which request this is, and which of its spans called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteContext {
    event_id: Uuid,
    span_id: u64,
}

impl RemoteContext {
    /// The request.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        self.event_id
    }

    /// The caller's span, never 0.
    #[must_use]
    pub fn span_id(&self) -> u64 {
        self.span_id
    }
}

/// Writes the current context into `carrier`, for the service that is called next. Outside any request it
/// writes nothing and returns `false`.
pub fn inject(carrier: &mut impl Carrier) -> bool {
    let Some(current) = context::current() else {
        return false;
    };
    let (event_id, span_id) = (current.request().event_id(), current.link());
    carrier.set(TRACEPARENT, format!("00-{}-{span_id:016x}-01", event_id.simple()));
    true
}

/// Reads the context that `carrier` brought; `None` when there is none, or none that the standard allows.
pub fn extract(carrier: &impl Carrier) -> Option<RemoteContext> {
    parse(carrier.get(TRACEPARENT)?)
}

/// A traceparent of version 00, or of a later one, which may go on after another dash.
fn parse(text: &str) -> Option<RemoteContext> {
    let bytes = text.as_bytes();
    let (version, rest) = (hex(bytes.get(..2)?)?, bytes.get(55..)?);
    let dashes = bytes[2] == b'-' && bytes[35] == b'-' && bytes[52] == b'-';
    let length = rest.is_empty() || (version != 0 && rest[0] == b'-');
    if version == 0xff || !dashes || !length {
        return None;
    }
    hex(&bytes[53..55])?;
    let event_id = Uuid::from_u128(hex(&bytes[3..35])?);
    let span_id = u64::try_from(hex(&bytes[36..52])?).ok()?;
    (!event_id.is_nil() && span_id != 0).then_some(RemoteContext { event_id, span_id })
}

/// Digits in lower case only, as the standard says.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value, &digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u128::from(digit))
    })
}

/// The root span of a request that came from another service, or of a new one: what a server opens for each
/// request that no layer of ours does it for.
#[must_use]
pub fn request_span(remote: Option<RemoteContext>) -> Span {
    static SCHEMA: SchemaRef = SchemaRef {
        label: "",
        sensitive: Sensitive::Mask,
    };
    static SITE: SpanSite = SpanSite::new(
        "request",
        Level::INFO,
        module_path!(),
        file!(),
        line!(),
        &SCHEMA,
        &["event_id", "module"],
        &[],
    );
    SITE.open(
        SpanContextArgs {
            root: true,
            event_id: remote.map(|remote| remote.event_id),
            caller: remote.map(|remote| remote.span_id),
            module: None,
        },
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn the_standards_example_is_read() {
        let remote = parse(&format!("00-{ID}-b7ad6b7169203331-01")).expect("valid");
        assert_eq!(remote.event_id().simple().to_string(), ID);
        assert_eq!(remote.span_id(), 0xb7ad_6b71_6920_3331);
        assert!(parse(&format!("cc-{ID}-b7ad6b7169203331-01-what-comes")).is_some());
    }

    #[test]
    fn what_the_standard_forbids_is_none() {
        for text in [
            String::new(),
            "00".into(),
            format!("00-{ID}-b7ad6b7169203331"),
            format!("00-{ID}-b7ad6b7169203331-0"),
            format!("00-{ID}-b7ad6b7169203331-01-more"),
            format!("01-{ID}-b7ad6b7169203331-01more"),
            format!("ff-{ID}-b7ad6b7169203331-01"),
            format!("00-{}-b7ad6b7169203331-01", ID.to_uppercase()),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{ID}-0000000000000000-01"),
            format!("00_{ID}-b7ad6b7169203331-01"),
            format!("00-{ID}-b7ad6b7169203331-0g"),
            "é".repeat(40),
            "0".repeat(100_000),
        ] {
            assert_eq!(parse(&text), None, "{text:.80}");
        }
    }
}
