//! The headers of Kafka's messages, as rdkafka has them: what a producer sends along, and what a consumer makes of it.
//!
//! ```no_run
//! use rdkafka::producer::BaseRecord;
//! # fn ask(producer: &rdkafka::producer::BaseProducer, message: &rdkafka::message::BorrowedMessage<'_>) {
//! // The producer:
//! let record = BaseRecord::to("orders").key("7").payload("..").headers(tracel::propagate::rdkafka::headers());
//! # let _ = producer.send(record);
//! // The consumer:
//! let remote = tracel::propagate::rdkafka::extract(message);
//! tracel::request_span(remote).in_scope(|| { /* logs here belong to the sender's request */ });
//! # }
//! ```

use super::{Carrier, RemoteContext, inject};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use std::mem;

/// Headers that carry the current context; outside any request none.
#[must_use]
pub fn headers() -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    inject(&mut headers);
    headers
}

/// Reads the context that a message brought, like [`extract`](super::extract). A topic has no address:
/// `policy.trust` believes it only where all are trusted, unless the service vouches for who writes to it
/// ([`RemoteContext::vouched`]).
pub fn extract(message: &impl Message) -> Option<RemoteContext> {
    super::extract(&Read(message.headers()?))
}

/// Of several headers under one name the last counts, as for Kafka's own clients.
fn last<'h>(headers: &'h impl Headers, name: &str) -> Option<&'h str> {
    let all = (0..headers.count()).rev().filter_map(|at| headers.try_get(at));
    let value = all
        .filter(|header| header.key == name)
        .find_map(|header| header.value)?;
    std::str::from_utf8(value).ok()
}

impl Carrier for OwnedHeaders {
    fn get(&self, name: &str) -> Option<&str> {
        last(self, name)
    }

    fn set(&mut self, name: &'static str, value: String) {
        let mut headers = mem::take(self);
        if headers.iter().any(|header| header.key == name) {
            // There is no taking out of one.
            let others = headers.iter().filter(|header| header.key != name);
            headers = others.fold(OwnedHeaders::new(), OwnedHeaders::insert);
        }
        *self = headers.insert(Header {
            key: name,
            value: Some(&value),
        });
    }
}

/// Headers that are only read.
struct Read<'h, H>(&'h H);

impl<H: Headers> Carrier for Read<'_, H> {
    fn get(&self, name: &str) -> Option<&str> {
        last(self.0, name)
    }

    fn set(&mut self, _: &'static str, _: String) {
        unreachable!("`extract` writes nothing");
    }
}
