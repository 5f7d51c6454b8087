//! One record's payload: the keys of DESIGN §4 in their order, but for those that the shipper adds.

use super::{caller, complete::HEADER, fixed::Fixed};
use crate::{
    context::SpanContext,
    record::{
        members::{Members, Part},
        out::{Out, Place},
        time::Moment,
    },
};
use std::hint::cold_path;
use uuid::Uuid;

/// What one record says.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) at: Moment,
    pub(crate) uuid: Uuid,
    /// What its callsite says of it.
    pub(crate) fixed: &'a Fixed,
    /// The piece of the process's schema, for records without their own.
    pub(crate) schema: &'a [u8],
    /// The span that it was logged in, with the request's context.
    pub(crate) context: Option<&'a SpanContext>,
    /// Its own members. They were encoded before: a value's own code may log, and must not find our state half done.
    pub(crate) own: &'a Members,
}

impl Line<'_> {
    /// Replaces `out` by the payload.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&[0; HEADER]);
        // A vector has room.
        if let Some((service, instance)) = self.write_in_order(out) {
            place(out, service, instance);
        }
    }

    /// Writes the payload to a place and returns its length; `None` where it is no longer than that, longer than `max`
    /// without its header. `aside` is memory for what is rare.
    #[inline(always)]
    pub(crate) fn write_to(&self, place: &mut [u8], aside: &mut Vec<u8>, max: usize) -> Option<usize> {
        let (header, room) = place.split_first_chunk_mut::<HEADER>()?;
        let mut out = Place::new(room, aside);
        let (service, instance) = self.write_in_order(&mut out)?;
        self::place(header, service, instance);
        Some(out.len()).filter(|len| *len <= max).map(|len| HEADER + len)
    }

    /// Appends the JSON; returns where in it the service goes, and where the instance.
    #[inline(always)]
    fn write_in_order(&self, out: &mut impl Out) -> Option<(usize, usize)> {
        let (fixed, begin) = (self.fixed, out.len());
        let event_id = self
            .context
            .map_or(Uuid::nil(), |context| context.request().event_id());
        fixed.head.write(out, self.at, &event_id, &self.uuid)?;
        let service = out.len() - begin;
        let module = self.context.and_then(SpanContext::module);
        out.bytes(module.unwrap_or(&fixed.module))?;
        out.bytes(&fixed.message)?;
        let all_declared = self.members(out, Part::Metadata)?;
        out.bytes(&fixed.kind)?;
        if let Some(context) = self.context {
            context.ids().write(out)?;
            out.bytes(context.name())?;
        }
        caller::thread(out)?;
        caller::task(out)?;
        let (tail, schema) = fixed.tail();
        let mut instance = out.len() - begin + schema;
        if all_declared && schema < tail.len() {
            out.bytes(tail)?;
        } else {
            cold_path();
            out.bytes(&tail[..schema])?;
            out.rest(|out| self.extra(out))?;
            instance = out.len() - begin;
            let own = &tail[schema..];
            out.bytes(if own.is_empty() { self.schema } else { own })?;
        }
        Some((service, instance))
    }

    /// The object of the event's own members, then of those of its spans that it does not have, but for its last brace. Whether the
    /// schema declares them all.
    #[inline(always)]
    fn members(&self, out: &mut impl Out, part: Part) -> Option<bool> {
        let (mut lead, inner) = (b'{', Some(self.own));
        self.own.write(out, part, None, &mut lead)?;
        let mut all_declared = self.own.all_declared();
        if let Some(context) = self.context {
            match context.settled() {
                Some(members) => {
                    members.write(out, part, inner, &mut lead)?;
                    all_declared &= members.all_declared();
                }
                None => {
                    let mut late_declared = true;
                    out.rest(|out| (late_declared, lead) = late_members(context, out, part, inner, lead))?;
                    all_declared &= late_declared;
                }
            }
        }
        if lead == b'{' {
            out.block(b"{", 1)?;
        }
        Some(all_declared)
    }

    #[cold]
    #[inline(never)]
    fn extra(&self, out: &mut Vec<u8>) {
        let before = out.len();
        out.extend_from_slice(b",\"extra\":");
        let empty = out.len() + 1;
        // A vector has room.
        let _ = self.members(out, Part::Extra);
        match out.len() == empty {
            true => out.truncate(before),
            false => out.push(b'}'),
        }
    }
}

/// Those of spans of which a field was recorded late. Whether the schema declares them all, and what leads the next.
#[cold]
#[inline(never)]
fn late_members(
    context: &SpanContext,
    out: &mut Vec<u8>,
    part: Part,
    inner: Option<&Members>,
    mut lead: u8,
) -> (bool, u8) {
    let mut all_declared = true;
    context.with_members(|members| {
        // A vector has room.
        let _ = members.write(out, part, inner, &mut lead);
        all_declared = members.all_declared();
    });
    (all_declared, lead)
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

#[cfg(test)]
mod tests;
