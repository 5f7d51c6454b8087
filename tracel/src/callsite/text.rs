//! The text behind a callsite, which the macros write (`text` in `tracel-derive/src/log/site.rs`): what is constant about it,
//! one part after another, a line each. Read once, at the callsite's first record.

use super::Limit;
use crate::{
    event::{Key, SchemaRef, Shape},
    level,
    schema::Sensitive,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracing_core::Level;

/// Where a callsite stands.
pub(crate) struct Place {
    /// That of the macro; where it has none, the event's type says it.
    pub(crate) level: Level,
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: Option<u32>,
    /// The shape of a constructor's call, and of a span.
    pub(super) rest: &'static str,
}

/// Of any callsite: the level's number with the module behind it, the file, and the line.
pub(super) fn place(text: &'static str) -> Place {
    let mut parts = text.splitn(4, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (level, module) = part().split_at_checked(1).unwrap_or_default();
    Place {
        level: level::of(level.parse().unwrap_or_default()),
        module,
        file: part(),
        line: part().parse().ok(),
        rest: part(),
    }
}

/// Of a constructor's call, and of an event. Its parts are the schema's label, the limit (`5/60`, or none), the category
/// (none for `system`), the event's name, the keys, and the message, which may hold anything. Before a key stands `*`, `#` or
/// `!` when it is sensitive, for what is done to it (masked, hashed, dropped), and `~` when the schema does not declare it.
pub(super) fn shape(text: &'static str) -> &'static Shape {
    with_names(text, &["message"])
}

/// Of a span, and where it stands. Its message is its name, and its first two fields are the context's.
pub(crate) fn span(text: &'static str) -> (Place, &'static Shape) {
    let place = place(text);
    let shape = with_names(place.rest, &["event_id", "module"]);
    (place, shape)
}

fn with_names(text: &'static str, first: &[&'static str]) -> &'static Shape {
    let mut parts = text.splitn(6, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let label = part();
    let limit = part().split_once('/').and_then(|(count, seconds)| {
        let limit = Limit::new(count.parse().ok()?, seconds.parse().ok()?);
        Some(&*Box::leak(Box::new(limit)))
    });
    let category = Some(part()).filter(|category| !category.is_empty());
    let (event, written) = (part(), part());
    let keys: Vec<Key> = written.split_ascii_whitespace().map(key).collect();
    let sensitive = match written {
        _ if written.contains('*') => Sensitive::Mask,
        _ if written.contains('#') => Sensitive::Hash,
        _ => Sensitive::Drop,
    };
    let names = first.iter().copied().chain(keys.iter().map(|key| key.name));
    let names: Vec<&str> = names.collect();
    Box::leak(Box::new(Shape {
        category: category.unwrap_or("system"),
        event,
        message: part(),
        schema: Box::leak(Box::new(SchemaRef { label, sensitive })),
        limit,
        names: names.leak(),
        keys: keys.leak(),
    }))
}

/// Those of events: all calls of one have the same shape, and with it the same limit.
static EVENTS: Mutex<Option<HashMap<&'static str, &'static Shape>>> = Mutex::new(None);

/// The shape of an event, by its type's text.
pub(crate) fn shape_of(text: &'static str) -> &'static Shape {
    let mut events = locks();
    events
        .get_or_insert_default()
        .entry(text)
        .or_insert_with(|| shape(text))
}

/// The lock that no other thread may have at a fork.
pub(super) fn locks() -> MutexGuard<'static, Option<HashMap<&'static str, &'static Shape>>> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(written: &'static str) -> Key {
    match (written.strip_prefix(['*', '#', '!']), written.strip_prefix('~')) {
        (Some(name), _) => Key::sensitive(name),
        (_, Some(name)) => Key::open(name),
        _ => Key::safe(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Class;

    #[test]
    fn a_text_is_read_as_it_was_written() {
        let text = "2acme::pay\nsrc/pay.rs\n42\nacme@3\n5/60\nuser\n\nuser_id #iban ~socket\nasked\n twice\n";
        let place = place(text);
        assert_eq!((place.level, place.module), (Level::WARN, "acme::pay"));
        assert_eq!((place.file, place.line), ("src/pay.rs", Some(42)));
        let shape = shape(place.rest);
        assert_eq!(
            (shape.category, shape.event, shape.message),
            ("user", "", "asked\n twice\n")
        );
        assert_eq!(
            (shape.schema.label, shape.schema.sensitive),
            ("acme@3", Sensitive::Hash)
        );
        assert!(shape.limit.is_some());
        assert_eq!(shape.names, ["message", "user_id", "iban", "socket"]);
        let keys = shape.keys.iter().map(|key| (key.name, key.class, key.declared));
        assert!(keys.eq([
            ("user_id", Class::Safe, true),
            ("iban", Class::Sensitive, true),
            ("socket", Class::Safe, false),
        ]));
    }

    #[test]
    fn an_event_has_one_shape_and_one_limit() {
        let text = "acme@3\n5/60\nuser\npaid\nuser_id\npaid";
        let again: &'static str = text.to_owned().leak();
        let (one, other) = (shape_of(text), shape_of(again));
        assert!(std::ptr::eq(one, other) && one.limit.is_some());
        assert_eq!((one.event, one.names), ("paid", &["message", "user_id"][..]));
    }

    /// A program has one for each of its log calls: `docs/compile-time.md`.
    #[test]
    fn a_callsite_is_small() {
        assert_eq!(size_of::<super::super::Callsite>(), 8);
        assert_eq!(size_of::<crate::span::SpanSite>(), 40);
    }

    #[test]
    fn a_span_has_the_fields_of_its_context_first() {
        let (place, shape) = span("3acme::pay\nsrc/pay.rs\n42\nacme@3\n\n\n\nuser_id\ncapture");
        assert_eq!((place.level, place.line), (Level::INFO, Some(42)));
        assert_eq!(
            (shape.message, shape.names),
            ("capture", &["event_id", "module", "user_id"][..])
        );
    }

    #[test]
    fn without_keys_there_is_the_message_alone() {
        let shape = shape("acme@3\n\n\n\n\nasked");
        assert_eq!((shape.names, shape.keys.len()), (&["message"][..], 0));
        assert_eq!((shape.category, shape.message), ("system", "asked"));
        assert!(shape.limit.is_none());
    }
}
