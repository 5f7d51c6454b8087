//! What all records of a callsite have in common, put together once; `line` writes it between what changes.

use super::{definition::Defined, head::Head};
use crate::record::json;
use tracing_core::Level;

/// What is known of a record before it is made.
pub(crate) struct Said<'a> {
    pub(crate) level: &'a Level,
    /// Where it is logged, for want of a span with a module.
    pub(crate) module: &'a str,
    pub(crate) message: &'a str,
    pub(crate) log_type: &'a str,
    /// "" when there is none.
    pub(crate) event_name: &'a str,
    pub(crate) source: Option<(&'a str, u32)>,
    /// Another crate's target.
    pub(crate) target: Option<&'a str>,
    /// `name@version`; "" for the process's own.
    pub(crate) schema: &'a str,
}

/// The same as JSON, in the pieces between which a line has other things.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) head: &'static Head,
    pub(crate) module: Vec<u8>,
    /// The message, up to the first member.
    pub(crate) message: Vec<u8>,
    /// From the end of the members on: what kind of record it is.
    pub(crate) kind: Vec<u8>,
    /// Where it comes from; then the schema and the end, but for the process's own.
    tail: Vec<u8>,
    /// Where the schema begins in it.
    schema: usize,
    /// What a journal has of it, for records that are not JSON there.
    pub(crate) defined: Defined,
}

impl Default for Fixed {
    /// Nothing, to be set.
    fn default() -> Self {
        Fixed {
            head: Head::of(&Level::INFO),
            module: Vec::new(),
            message: Vec::new(),
            kind: Vec::new(),
            tail: Vec::new(),
            schema: 0,
            defined: Defined::default(),
        }
    }
}

impl Fixed {
    pub(crate) fn of(said: &Said<'_>) -> Self {
        let mut fixed = Fixed::default();
        fixed.set(said);
        fixed
    }

    /// Becomes that of another record, in the same memory.
    pub(crate) fn set(&mut self, said: &Said<'_>) {
        self.head = Head::of(said.level);

        key(emptied(&mut self.module), "module_name", said.module);

        let out = emptied(&mut self.message);
        key(out, "message", said.message);
        out.extend_from_slice(b",\"metadata\":");

        let out = emptied(&mut self.kind);
        out.push(b'}');
        key(out, "log_type", said.log_type);
        if !said.event_name.is_empty() {
            key(out, "event_name", said.event_name);
        }

        let out = emptied(&mut self.tail);
        if let Some((file, line)) = said.source {
            out.extend_from_slice(b",\"source\":\"");
            json::escaped(out, file);
            out.push(b':');
            json::integer(out, line);
            out.push(b'"');
        }
        if let Some(target) = said.target {
            key(out, "target", target);
        }
        self.schema = out.len();
        if !said.schema.is_empty() {
            schema(out, said.schema);
        }
    }

    /// The end, and where in it the schema begins.
    #[inline(always)]
    pub(crate) fn tail(&self) -> (&[u8], usize) {
        (&self.tail, self.schema)
    }
}

fn emptied(piece: &mut Vec<u8>) -> &mut Vec<u8> {
    piece.clear();
    piece
}

/// The last piece, for records that name this schema.
pub(crate) fn schema(out: &mut Vec<u8>, label: &str) {
    key(out, "schema", label);
    out.push(b'}');
}

fn key(out: &mut Vec<u8>, name: &str, text: &str) {
    out.push(b',');
    json::string(out, name);
    out.push(b':');
    json::string(out, text);
}
