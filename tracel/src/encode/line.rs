//! One record's payload: the keys of DESIGN §4 in their order, but for those that the shipper adds.

use super::{
    complete::HEADER,
    fixed::{Fixed, Piece},
};
use crate::{
    context::SpanContext,
    handover,
    record::{
        json,
        members::{Labels, Members, Part},
        out::{Out, Place},
        time::Moment,
    },
    value::Val,
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
    pub(crate) own: Own<'a>,
}

/// The event's own members.
#[derive(Clone, Copy)]
pub(crate) enum Own<'a> {
    /// Encoded before: a value's own code may log, and must not find our state half done.
    Members(&'a Members),
    /// Plain values, which are encoded where they are to stand. It gave 140 instructions a record.
    Values(&'a Labels, &'a [Val<'a>]),
}

impl Line<'_> {
    /// Replaces `out` by the payload.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        if let Own::Values(labels, values) = self.own
            && !self.is_apart(labels)
        {
            return self.write_encoded(out, labels, values);
        }
        // A vector has room.
        let _ = self.write_in_order(out);
    }

    /// Writes the payload to a place and returns its length; `None` where it is no longer than that, longer than `max`
    /// without its header, or needs more than its parts in their order. `aside` is memory for what is rare.
    #[inline(always)]
    pub(crate) fn write_to(&self, place: &mut [u8], aside: &mut Vec<u8>, max: usize) -> Option<usize> {
        if let Own::Values(labels, _) = self.own
            && !self.is_apart(labels)
        {
            return None;
        }
        let mut out = Place::new(place, aside);
        self.write_in_order(&mut out)?;
        Some(out.len()).filter(|len| len - HEADER <= max)
    }

    #[inline(always)]
    fn write_in_order(&self, out: &mut impl Out) -> Option<()> {
        let fixed = self.fixed;
        let event_id = self.context.map(|context| context.request().text());
        let service = fixed.head.write(out, self.at, event_id, &self.uuid)?;
        let module = self.context.and_then(SpanContext::module);
        out.bytes(module.unwrap_or_else(|| fixed.piece(Piece::Module)))?;
        out.bytes(fixed.piece(Piece::Message))?;
        let all_declared = self.members(out, Part::Metadata)?;
        out.bytes(fixed.piece(Piece::Kind))?;
        if let Some(context) = self.context {
            out.bytes(context.span_keys())?;
        }
        thread(out)?;
        task(out)?;
        let (tail, schema) = fixed.tail();
        let mut instance = out.len() + schema - HEADER;
        if all_declared && schema < tail.len() {
            out.bytes(tail)?;
        } else {
            out.bytes(&tail[..schema])?;
            out.rest(|out| self.extra(out))?;
            instance = out.len() - HEADER;
            let own = &tail[schema..];
            out.bytes(if own.is_empty() { self.schema } else { own })?;
        }
        place(out.written(), service, instance);
        Some(())
    }

    /// Whether no span's field has the name of one of these.
    #[inline(always)]
    fn is_apart(&self, labels: &Labels) -> bool {
        self.context.is_none_or(|context| {
            context
                .settled()
                .is_some_and(|members| labels.are_apart_from(members))
        })
    }

    /// Of a record whose values win over fields of its spans.
    #[cold]
    #[inline(never)]
    fn write_encoded(&self, out: &mut Vec<u8>, labels: &Labels, values: &[Val<'_>]) {
        let mut members = handover::members();
        members.add_all(labels, values);
        let own = Own::Members(&members);
        // A vector has room.
        let _ = Line { own, ..*self }.write_in_order(out);
        handover::give_back(members);
    }

    /// The event's own members first, then those of its spans that it does not have. Whether the schema declares them all.
    #[inline(always)]
    fn members(&self, out: &mut impl Out, part: Part) -> Option<bool> {
        let (mut first, mut all_declared, mut inner) = (true, true, None);
        match self.own {
            Own::Members(members) => {
                members.write(out, part, None, &mut first)?;
                (all_declared, inner) = (members.all_declared(), Some(members));
            }
            Own::Values(labels, values) if part == Part::Metadata => {
                // The first one's comma takes the place of the brace, and the brace that of the comma.
                let start = out.len().saturating_sub(1);
                out.cut(start);
                labels.write(out, values)?;
                match out.written().get_mut(start) {
                    Some(comma) => {
                        *comma = b'{';
                        first = false;
                    }
                    None => out.bytes(b"{")?,
                }
            }
            Own::Values(..) => {}
        }
        if let Some(context) = self.context {
            let Some(members) = context.settled() else {
                let mut late_declared = true;
                out.rest(|out| late_declared = late_members(context, out, part, inner, first))?;
                return Some(all_declared && late_declared);
            };
            members.write(out, part, inner, &mut first)?;
            all_declared &= members.all_declared();
        }
        Some(all_declared)
    }

    #[cold]
    #[inline(never)]
    fn extra(&self, out: &mut Vec<u8>) {
        let before = out.len();
        out.extend_from_slice(b",\"extra\":{");
        let empty = out.len();
        // A vector has room.
        let _ = self.members(out, Part::Extra);
        match out.len() == empty {
            true => out.truncate(before),
            false => out.push(b'}'),
        }
    }
}

/// Those of spans of which a field was recorded late.
#[cold]
#[inline(never)]
fn late_members(
    context: &SpanContext,
    out: &mut Vec<u8>,
    part: Part,
    inner: Option<&Members>,
    mut first: bool,
) -> bool {
    let mut all_declared = true;
    context.with_members(|members| {
        // A vector has room.
        let _ = members.write(out, part, inner, &mut first);
        all_declared = members.all_declared();
    });
    all_declared
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
fn thread(out: &mut impl Out) -> Option<()> {
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
    let written = NAME.try_with(|cached| out.bytes(cached.get_or_init(name)));
    written.unwrap_or_else(|_| out.bytes(&name()))
}

/// Appends the number of the tokio task, when there is one.
#[inline(always)]
fn task(out: &mut impl Out) -> Option<()> {
    #[cfg(feature = "tokio")]
    if let Some(task) = tokio::task::try_id() {
        use std::io::Write as _;
        // Writing into a vector cannot fail.
        out.rest(|out| _ = write!(out, ",\"task\":{task}"))?;
    }
    #[cfg(not(feature = "tokio"))]
    let _ = out;
    Some(())
}

#[cfg(test)]
mod tests;
