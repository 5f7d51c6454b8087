//! A record that was captured, taken apart.

use crate::{EventId, JsonValue, context::SpanContext, sink::pretty};
use serde_json::Map;
use std::{fmt, str::FromStr, sync::LazyLock};
use tracing_core::Level;

/// A record, as a sink would have it, but for what is added there: service, instance, lane and seq.
#[derive(Clone, PartialEq)]
pub struct Record {
    json: Map<String, JsonValue>,
    spans: Vec<String>,
}

impl Record {
    /// Reads a payload.
    pub(super) fn read(json: &[u8], span: Option<&SpanContext>) -> Self {
        Record {
            json: serde_json::from_slice(json).expect("a payload is an object of JSON"),
            spans: span.map(SpanContext::names).unwrap_or_default(),
        }
    }

    fn text(&self, key: &str) -> &str {
        self.json.get(key).and_then(JsonValue::as_str).unwrap_or_default()
    }

    fn some(&self, key: &str) -> Option<&str> {
        self.json.get(key).and_then(JsonValue::as_str)
    }

    fn object(&self, key: &str) -> &Map<String, JsonValue> {
        static NONE: LazyLock<Map<String, JsonValue>> = LazyLock::new(Map::new);
        self.json.get(key).and_then(JsonValue::as_object).unwrap_or(&NONE)
    }

    /// Its level.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::from_str(self.text("level")).expect("every record has a level")
    }

    /// The request that it belongs to; [`EventId::NIL`] outside any.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        EventId::from_str(self.text("event_id")).unwrap_or(EventId::NIL)
    }

    /// The record's own id.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.text("uuid")
    }

    /// When it was logged: RFC 3339 in UTC with nanoseconds.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        self.text("timestamp")
    }

    /// The module that the nearest span names, else the Rust module of the log.
    #[must_use]
    pub fn module(&self) -> &str {
        self.text("module_name")
    }

    /// The fixed text.
    #[must_use]
    pub fn message(&self) -> &str {
        self.text("message")
    }

    /// The event's name; a message has none.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        self.some("event_name").filter(|name| !name.is_empty())
    }

    /// The category: `user`, `system`, or one of the schema's own.
    #[must_use]
    pub fn log_type(&self) -> &str {
        self.text("log_type")
    }

    /// The schema that it was checked against, `name@version`.
    #[must_use]
    pub fn schema(&self) -> &str {
        self.text("schema")
    }

    /// The schema's fields: its own, and those of its spans.
    #[must_use]
    pub fn metadata(&self) -> &Map<String, JsonValue> {
        self.object("metadata")
    }

    /// What no schema declares.
    #[must_use]
    pub fn extra(&self) -> &Map<String, JsonValue> {
        self.object("extra")
    }

    /// The value under a key of `metadata`, else of `extra`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&JsonValue> {
        self.metadata().get(key).or_else(|| self.extra().get(key))
    }

    /// The names of the spans that it was logged in, the request's first one first.
    #[must_use]
    pub fn spans(&self) -> &[String] {
        &self.spans
    }

    /// The innermost span's id.
    #[must_use]
    pub fn span_id(&self) -> Option<&str> {
        self.some("span_id")
    }

    /// The id of the span around that.
    #[must_use]
    pub fn parent_span_id(&self) -> Option<&str> {
        self.some("parent_span_id")
    }

    /// Where the log stands: `src/pay.rs:42`.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.some("source")
    }

    /// The target of another crate's event.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.some("target")
    }

    /// The name of the thread that logged it.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.some("thread")
    }

    /// The whole record.
    #[must_use]
    pub fn json(&self) -> &Map<String, JsonValue> {
        &self.json
    }
}

/// As the sink `pretty:` shows it, without colours.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&pretty::shown(&self.json))
    }
}

/// As it is displayed.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
