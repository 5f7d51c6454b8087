//! The text behind a callsite, which the macros write (`text` in `tracel-derive/src/log/site.rs`): what is constant about it,
//! one part after another, a line each. Read once, at the callsite's first record.

use super::Limit;
use crate::{
    event::{Key, SchemaRef, Shape},
    schema::Sensitive,
};

/// Where a callsite stands.
pub(super) struct Place {
    pub(super) file: &'static str,
    pub(super) line: Option<u32>,
}

/// Of any callsite: its first two parts.
pub(super) fn place(text: &'static str) -> Place {
    let mut parts = text.split('\n');
    Place {
        file: parts.next().unwrap_or_default(),
        line: parts.next().and_then(|line| line.parse().ok()),
    }
}

/// Of a constructor's call. Its parts are the file, the line, the schema's label, what is done to sensitive values (`m`,
/// `h`, `d`), the limit (`5/60`, or none), the category, the event's name, the keys, and the message, which may hold
/// anything. Before a key stands `*` when it is sensitive, and `~` when the schema does not declare it.
pub(super) fn shape(text: &'static str) -> &'static Shape {
    let mut parts = text.splitn(9, '\n').skip(2);
    let mut part = || parts.next().unwrap_or_default();
    let label = part();
    let sensitive = match part() {
        "m" => Sensitive::Mask,
        "h" => Sensitive::Hash,
        // What cannot be read gives nothing away.
        _ => Sensitive::Drop,
    };
    let limit = part().split_once('/').and_then(|(count, seconds)| {
        let limit = Limit::new(count.parse().ok()?, seconds.parse().ok()?);
        Some(&*Box::leak(Box::new(limit)))
    });
    let (category, event) = (part(), part());
    let keys: Vec<Key> = part().split_ascii_whitespace().map(key).collect();
    let names: Vec<&str> = ["message"]
        .into_iter()
        .chain(keys.iter().map(|key| key.name))
        .collect();
    Box::leak(Box::new(Shape {
        category,
        event,
        message: part(),
        schema: Box::leak(Box::new(SchemaRef { label, sensitive })),
        limit,
        names: names.leak(),
        keys: keys.leak(),
    }))
}

fn key(written: &'static str) -> Key {
    match (written.strip_prefix('*'), written.strip_prefix('~')) {
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
        let text = "src/pay.rs\n42\nacme@3\nh\n5/60\nuser\n\nuser_id *iban ~socket\nasked\n twice\n";
        let place = place(text);
        assert_eq!((place.file, place.line), ("src/pay.rs", Some(42)));
        let shape = shape(text);
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
    fn without_keys_there_is_the_message_alone() {
        let shape = shape("src/pay.rs\n42\nacme@3\nm\n\nsystem\n\n\nasked");
        assert_eq!((shape.names, shape.keys.len()), (&["message"][..], 0));
        assert!(shape.limit.is_none());
    }
}
