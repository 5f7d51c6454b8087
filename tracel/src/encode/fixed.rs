//! What all records of a callsite have in common, put together once; `line` writes it between what changes.

use super::head::Head;
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
    bytes: Vec<u8>,
    ends: [usize; PIECES],
}

/// The pieces in their order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// The module.
    Module,
    /// The message, up to the first member.
    Message,
    /// From the end of the members on: what kind of record it is.
    Kind,
    /// Where it comes from.
    Source,
    /// The schema, and the end; empty for the process's own.
    Schema,
}

const PIECES: usize = Piece::Schema as usize + 1;

impl Default for Fixed {
    /// Nothing, to be set.
    fn default() -> Self {
        Fixed {
            head: Head::of(&Level::INFO),
            bytes: Vec::new(),
            ends: [0; PIECES],
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
        let Fixed { bytes: out, ends, .. } = self;
        out.clear();
        out.reserve(256);
        let mut end = |piece: Piece, out: &[u8]| ends[piece as usize] = out.len();

        key(out, "module_name", said.module);
        end(Piece::Module, out);

        key(out, "message", said.message);
        out.extend_from_slice(b",\"metadata\":");
        end(Piece::Message, out);

        out.push(b'}');
        key(out, "log_type", said.log_type);
        if !said.event_name.is_empty() {
            key(out, "event_name", said.event_name);
        }
        end(Piece::Kind, out);

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
        end(Piece::Source, out);

        if !said.schema.is_empty() {
            schema(out, said.schema);
        }
        end(Piece::Schema, out);
    }

    /// The last two, which nearly always follow each other, and where the second begins.
    #[inline(always)]
    pub(crate) fn tail(&self) -> (&[u8], usize) {
        let start = self.ends[Piece::Kind as usize];
        (&self.bytes[start..], self.ends[Piece::Source as usize] - start)
    }

    #[inline(always)]
    pub(crate) fn piece(&self, piece: Piece) -> &[u8] {
        let at = piece as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }
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
