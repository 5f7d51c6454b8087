//! One record's payload: the keys of DESIGN §4 in their order, but for those that the shipper adds.

use super::{
    complete::HEADER,
    fixed::{Fixed, Piece},
};
use crate::{
    context::SpanContext,
    record::{
        json,
        members::{Members, Part},
        time::Moment,
    },
};
use std::cell::OnceCell;
use uuid::Uuid;

/// What one record says.
pub(crate) struct Line<'a> {
    pub(crate) at: Moment,
    pub(crate) uuid: Uuid,
    /// What its callsite says of it.
    pub(crate) fixed: &'a Fixed,
    /// The piece of the process's schema, for records without their own.
    pub(crate) schema: &'a [u8],
    /// The span that it was logged in, with the request's context.
    pub(crate) context: Option<&'a SpanContext>,
    /// The event's own members.
    pub(crate) own: &'a Members,
}

impl Line<'_> {
    /// Replaces `out` by the payload.
    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let fixed = self.fixed;
        let event_id = self.context.map(|context| context.request().text());
        let service = fixed.head.write(out, self.at, event_id, &self.uuid);
        let module = self.context.and_then(SpanContext::module);
        out.extend_from_slice(module.unwrap_or_else(|| fixed.piece(Piece::Module)));
        out.extend_from_slice(fixed.piece(Piece::Message));
        let all_declared = self.members(out, Part::Metadata);
        out.extend_from_slice(fixed.piece(Piece::Kind));
        if let Some(context) = self.context {
            out.extend_from_slice(context.span_keys());
        }
        thread(out);
        task(out);
        let (tail, schema) = fixed.tail();
        let mut instance = out.len() + schema - HEADER;
        if all_declared && schema < tail.len() {
            out.extend_from_slice(tail);
        } else {
            out.extend_from_slice(&tail[..schema]);
            self.extra(out);
            instance = out.len() - HEADER;
            let own = &tail[schema..];
            out.extend_from_slice(if own.is_empty() { self.schema } else { own });
        }
        place(out, service, instance);
    }

    /// The event's own members first, then those of its spans that it does not have. Whether the schema declares them all.
    #[inline(always)]
    fn members(&self, out: &mut Vec<u8>, part: Part) -> bool {
        let mut first = true;
        self.own.write(out, part, None, &mut first);
        let mut all_declared = self.own.all_declared();
        if let Some(context) = self.context {
            let Some(members) = context.settled() else {
                return self.late_members(context, out, part, first) && all_declared;
            };
            members.write(out, part, Some(self.own), &mut first);
            all_declared &= members.all_declared();
        }
        all_declared
    }

    #[cold]
    #[inline(never)]
    fn late_members(&self, context: &SpanContext, out: &mut Vec<u8>, part: Part, mut first: bool) -> bool {
        let mut all_declared = true;
        context.with_members(|members| {
            members.write(out, part, Some(self.own), &mut first);
            all_declared = members.all_declared();
        });
        all_declared
    }

    #[cold]
    #[inline(never)]
    fn extra(&self, out: &mut Vec<u8>) {
        let before = out.len();
        out.extend_from_slice(b",\"extra\":{");
        let empty = out.len();
        self.members(out, Part::Extra);
        match out.len() == empty {
            true => out.truncate(before),
            false => out.push(b'}'),
        }
    }
}

/// Writes the payload's header. Positions that do not fit are those of a record that is yet to be cut.
#[inline(always)]
pub(crate) fn place(out: &mut [u8], service: usize, instance: usize) {
    let short = |at: usize| u16::try_from(at).unwrap_or(u16::MAX).to_le_bytes();
    let ([a, b], [c, d]) = (short(service), short(instance));
    if let Some(header) = out.first_chunk_mut::<HEADER>() {
        *header = [a, b, c, d];
    }
}

/// Appends the key of the thread's name, or of its number when it has none; put together once a thread.
#[inline(always)]
fn thread(out: &mut Vec<u8>) {
    thread_local! {
        static NAME: OnceCell<Vec<u8>> = const { OnceCell::new() };
    }
    fn name() -> Vec<u8> {
        let thread = std::thread::current();
        let mut text = b",\"thread\":".to_vec();
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
#[inline(always)]
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
