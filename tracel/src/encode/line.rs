//! One record's payload: the keys of DESIGN §4 in their order, but for those that the shipper adds.

use super::complete::HEADER;
use crate::{
    context::SpanContext,
    record::{
        json,
        members::{Members, Part},
        time,
    },
};
use std::{cell::OnceCell, time::SystemTime};
use tracing_core::Level;
use uuid::Uuid;

/// What one record says.
pub(crate) struct Line<'a> {
    pub(crate) at: SystemTime,
    pub(crate) uuid: Uuid,
    pub(crate) level: &'a Level,
    /// The span that it was logged in, with the request's context.
    pub(crate) context: Option<&'a SpanContext>,
    /// Where it was logged, for want of a span with a module.
    pub(crate) module: &'a str,
    pub(crate) message: &'a str,
    /// The event's own members.
    pub(crate) own: &'a Members,
    pub(crate) log_type: &'a str,
    /// "" when there is none.
    pub(crate) event_name: &'a str,
    pub(crate) source: Option<(&'a str, u32)>,
    /// Another crate's target.
    pub(crate) target: Option<&'a str>,
    /// `name@version`.
    pub(crate) schema: &'a str,
}

impl Line<'_> {
    /// Replaces `out` by the payload.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&[0; HEADER]);
        out.extend_from_slice(b"{\"timestamp\":");
        time::moment(out, self.at);
        out.extend_from_slice(b",\"level\":\"");
        out.extend_from_slice(self.level.as_str().as_bytes());
        out.extend_from_slice(b"\",\"event_id\":\"");
        match self.context {
            Some(context) => out.extend_from_slice(context.request().text()),
            None => out.extend_from_slice(b"00000000-0000-0000-0000-000000000000"),
        }
        out.extend_from_slice(b"\",\"uuid\":\"");
        id(out, self.uuid);
        out.push(b'"');
        let service = out.len() - HEADER;

        out.extend_from_slice(b",\"module_name\":");
        match self.context.and_then(SpanContext::module) {
            Some(module) => out.extend_from_slice(module),
            None => json::string(out, self.module),
        }
        out.extend_from_slice(b",\"message\":");
        json::string(out, self.message);
        out.extend_from_slice(b",\"metadata\":{");
        self.members(out, Part::Metadata);
        out.extend_from_slice(b"},\"log_type\":");
        json::string(out, self.log_type);
        if !self.event_name.is_empty() {
            out.extend_from_slice(b",\"event_name\":");
            json::string(out, self.event_name);
        }
        if let Some(context) = self.context {
            out.extend_from_slice(context.span_keys());
        }
        out.extend_from_slice(b",\"thread\":");
        thread(out);
        task(out);
        if let Some((file, line)) = self.source {
            out.extend_from_slice(b",\"source\":\"");
            json::escaped(out, file);
            out.push(b':');
            json::integer(out, line);
            out.push(b'"');
        }
        if let Some(target) = self.target {
            out.extend_from_slice(b",\"target\":");
            json::string(out, target);
        }
        let before = out.len();
        out.extend_from_slice(b",\"extra\":{");
        let empty = out.len();
        self.members(out, Part::Extra);
        match out.len() == empty {
            true => out.truncate(before),
            false => out.push(b'}'),
        }
        let instance = out.len() - HEADER;

        out.extend_from_slice(b",\"schema\":");
        json::string(out, self.schema);
        out.push(b'}');
        place(out, service, instance);
    }

    /// The event's own members first, then those of its spans that it does not have.
    fn members(&self, out: &mut Vec<u8>, part: Part) {
        let mut first = true;
        self.own.write(out, part, None, &mut first);
        if let Some(context) = self.context {
            context.with_members(|members| members.write(out, part, Some(self.own), &mut first));
        }
    }
}

/// Writes the payload's header. Positions that do not fit are those of a record that is yet to be cut.
pub(crate) fn place(out: &mut [u8], service: usize, instance: usize) {
    let short = |at: usize| u16::try_from(at).unwrap_or(u16::MAX).to_le_bytes();
    let ([a, b], [c, d]) = (short(service), short(instance));
    if let Some(header) = out.first_chunk_mut::<HEADER>() {
        *header = [a, b, c, d];
    }
}

fn id(out: &mut Vec<u8>, id: Uuid) {
    out.extend_from_slice(id.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
}

/// Appends the thread's name, or its number when it has none; escaped once a thread.
fn thread(out: &mut Vec<u8>) {
    thread_local! {
        static NAME: OnceCell<Vec<u8>> = const { OnceCell::new() };
    }
    fn name() -> Vec<u8> {
        let thread = std::thread::current();
        let mut text = Vec::new();
        match thread.name() {
            Some(name) => json::string(&mut text, name),
            None => json::formatted(&mut text, format_args!("{:?}", thread.id())),
        }
        text
    }
    if NAME
        .try_with(|cached| out.extend_from_slice(cached.get_or_init(name)))
        .is_err()
    {
        out.extend_from_slice(&name());
    }
}

/// Appends the number of the tokio task, when there is one.
fn task(out: &mut Vec<u8>) {
    #[cfg(feature = "tokio")]
    if let Some(task) = tokio::task::try_id() {
        use std::io::Write as _;
        // Writing into a vector cannot fail.
        let _ = write!(out, ",\"task\":{task}");
    }
    #[cfg(not(feature = "tokio"))]
    let _ = out;
}
