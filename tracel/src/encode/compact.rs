//! A record as its caller leaves it in the journal: what its callsite says is there once, as a `definition`, and numbers and
//! ids are bytes. The shipper makes the line of it, the same that `line` makes. It is a third as long, and takes its caller
//! 748 instructions in place of 1,279: the median 0.6 of what it was, p99 0.75.
//!
//! Not for each: what needs more than this goes as JSON, by `line`.
//!
//! ```text
//! 0:16 | length of module and span's name:16 | of the first:16 | of the spans' members:16
//! definition:32 | nanoseconds:32 | seconds:64 | uuid:128 | event_id:128 | span_id:64 | parent_span_id:64
//! module and span's name | members | values, by kinds | thread and task
//! ```

use super::{
    caller,
    complete::Process,
    definition::{Definition, Named, chunk, counted},
};
use crate::{
    context::{SpanContext, SpanIds},
    record::{
        json,
        members::{Labels, joined},
        out::{Out, Place},
        short,
        time::Moment,
    },
    value::Val,
};
use std::hint::cold_path;
use uuid::Uuid;

/// The bytes before its texts.
const HEAD: usize = 72;

// Kinds of values. Of one that is absent nothing stands but its kind.
const ABSENT: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
/// 64 bits.
const I64: u8 = 3;
const U64: u8 = 4;
const F64: u8 = 5;
/// A length of 16 bits, and a text as it is.
const TEXT: u8 = 6;
/// 128 bits.
const UUID: u8 = 7;
/// A length of 16 bits, and JSON.
const JSON: u8 = 8;

/// The most bytes of a line's JSON that stand for one here: those of a character in a text that is escaped. Ids and numbers are less,
/// and so is the line's head beside this one's.
const ESCAPED: usize = 6;

/// What one record says.
pub(crate) struct Record<'a> {
    pub(crate) at: Moment,
    pub(crate) uuid: Uuid,
    pub(crate) definition: Named,
    /// The span that it was logged in, with the request's context.
    pub(crate) context: Option<&'a SpanContext>,
    pub(crate) values: (&'a Labels, &'a [Val<'a>]),
}

impl Record<'_> {
    /// Writes it to a place; its length, or `None` where it does not fit there, has values that run code of others, or may have to
    /// be cut to `max` bytes of JSON. `aside` is memory for what is rare.
    #[inline(always)]
    pub(crate) fn write(&self, place: &mut [u8], aside: &mut Vec<u8>, max: usize) -> Option<usize> {
        let (labels, values) = self.values;
        let (event_id, ids, (text, module), members) = match self.context {
            Some(context) => {
                let members = context.settled()?;
                if !labels.are_apart_from(members) {
                    return None;
                }
                let event_id = context.request().event_id();
                (event_id, context.ids(), context.text(), members.whole()?)
            }
            None => {
                cold_path();
                (Uuid::nil(), SpanIds::default(), (&[][..], 0), &[][..])
            }
        };
        if !labels.are_simple() || (text.len() | members.len()) > usize::from(u16::MAX) {
            cold_path();
            return None;
        }
        let mut out = Place::new(place, aside);
        let (seconds, nanoseconds) = self.at.parts();
        let lengths = (text.len() as u64) << 16 | (module as u64) << 32 | (members.len() as u64) << 48;
        let named = u64::from(self.definition.number) | u64::from(nanoseconds) << 32;
        // In parts, for the compiler makes a call of the whole.
        words(&mut out, [lengths, named, seconds.cast_unsigned()])?;
        out.changed(&[0; 32], 32, |to| {
            to[..16].copy_from_slice(self.uuid.as_bytes());
            to[16..].copy_from_slice(event_id.as_bytes());
        })?;
        words(&mut out, [ids.own, ids.parent])?;
        out.bytes(text)?;
        out.bytes(members)?;
        for value in values {
            self::value(&mut out, value)?;
        }
        caller::thread(&mut out)?;
        caller::task(&mut out)?;
        let len = out.len();
        Some(len).filter(|len| self.definition.len + ESCAPED * len <= max)
    }
}

#[inline(always)]
fn words<const N: usize>(out: &mut impl Out, words: [u64; N]) -> Option<()> {
    words
        .into_iter()
        .try_for_each(|word| out.block(&word.to_le_bytes(), 8))
}

#[inline(always)]
fn value(out: &mut impl Out, value: &Val<'_>) -> Option<()> {
    match *value {
        Val::U64(value) => eight(out, U64, value),
        Val::Str(text) if text.len() <= usize::from(u16::MAX) => {
            let [low, high] = (text.len() as u16).to_le_bytes();
            out.block(&[TEXT, low, high], 3)?;
            match short::text(out, text.as_bytes())? {
                true => Some(()),
                false => out.bytes(text.as_bytes()),
            }
        }
        Val::Uuid(id) => out.changed(&[UUID; 17], 17, |to| to[1..].copy_from_slice(id.as_bytes())),
        _ => other(out, value),
    }
}

#[inline(always)]
fn eight(out: &mut impl Out, kind: u8, bits: u64) -> Option<()> {
    out.changed(&[kind; 9], 9, |to| to[1..].copy_from_slice(&bits.to_le_bytes()))
}

/// Apart from the others for the registers that its calls need.
#[inline(never)]
fn other(out: &mut impl Out, value: &Val<'_>) -> Option<()> {
    match *value {
        Val::Null => out.block(&[ABSENT], 1),
        Val::Bool(value) => out.block(&[if value { TRUE } else { FALSE }], 1),
        Val::I64(value) => eight(out, I64, value as u64),
        Val::F64(value) => eight(out, F64, value.to_bits()),
        // It may log, and must not find our state half done.
        _ if runs_code(value) => None,
        _ => {
            let mut fits = false;
            out.rest(|out| {
                out.extend_from_slice(&[JSON, 0, 0]);
                let start = out.len();
                json::value(out, value);
                if let Ok(len) = u16::try_from(out.len() - start) {
                    out[start - 2..start].copy_from_slice(&len.to_le_bytes());
                    fits = true;
                }
            })?;
            fits.then_some(())
        }
    }
}

/// Whether code of others runs when this value is written.
pub(crate) fn runs_code(value: &Val<'_>) -> bool {
    matches!(
        value,
        Val::Display(_) | Val::Debug(_) | Val::Json(_) | Val::Error(_) | Val::List(_)
    )
}

/// A record that was written here, as it is read.
pub(crate) struct Compact<'a> {
    at: Moment,
    uuid: Uuid,
    event_id: Uuid,
    span: SpanIds,
    definition: u32,
    module: &'a [u8],
    name: &'a [u8],
    members: &'a [u8],
    /// The values, and behind them who logged.
    rest: &'a [u8],
}

/// Whether a payload is one of these: of no other does the service stand at its begin.
pub(crate) fn is_one(payload: &[u8]) -> bool {
    payload.starts_with(&[0, 0])
}

impl<'a> Compact<'a> {
    /// Reads one; `None` when it is damaged.
    pub(crate) fn read(payload: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = payload.split_first_chunk::<HEAD>()?;
        let word = |at: usize| Some(u64::from_le_bytes(*head.get(at..)?.first_chunk()?));
        let id = |at: usize| Some(Uuid::from_bytes(*head.get(at..)?.first_chunk()?));
        let (lengths, named) = (word(0)?, word(8)?);
        let length = |shift: u32| usize::from((lengths >> shift) as u16);
        let mut text = rest.split_off(..length(16))?;
        let members = rest.split_off(..length(48))?;
        Some(Compact {
            at: Moment::of_parts(word(16)?.cast_signed(), (named >> 32) as u32)?,
            uuid: id(24)?,
            event_id: id(40)?,
            span: SpanIds {
                own: word(56)?,
                parent: word(64)?,
            },
            definition: named as u32,
            module: text.split_off(..length(32))?,
            name: text,
            members,
            rest,
        })
    }

    /// The number of its callsite's definition.
    pub(crate) fn definition(&self) -> u32 {
        self.definition
    }

    /// Appends the finished line; nothing when one of both is damaged.
    pub(crate) fn complete(
        &self,
        definition: &Definition<'_>,
        process: &Process,
        at: (u32, u64),
        out: &mut Vec<u8>,
    ) {
        let begin = out.len();
        if self.line(definition, process, at, out).is_none() {
            cold_path();
            out.truncate(begin);
        }
    }

    /// `None` when something is damaged.
    #[inline(always)]
    fn line(
        &self,
        definition: &Definition<'_>,
        process: &Process,
        at: (u32, u64),
        out: &mut Vec<u8>,
    ) -> Option<()> {
        definition.head.write(out, self.at, &self.event_id, &self.uuid)?;
        process.service(out)?;
        let is_named = !self.module.is_empty();
        out.bytes(if is_named { self.module } else { definition.module })?;
        out.bytes(definition.message)?;
        let (mut lead, mut rest) = (b'{', self.rest);
        for key in definition.keys() {
            member(out, key?, &mut rest, &mut lead)?;
        }
        joined(out, self.members, &mut lead)?;
        if lead == b'{' {
            out.block(b"{", 1)?;
        }
        out.bytes(definition.kind)?;
        if self.span != SpanIds::default() {
            self.span.write(out)?;
        }
        out.bytes(self.name)?;
        out.bytes(rest)?;
        out.bytes(definition.source)?;
        process.place(at, out)?;
        out.bytes(definition.schema)?;
        out.block(b"\n", 1)
    }
}

/// Appends the next value with its key, `lead` in place of the comma, unless it is absent.
#[inline(always)]
fn member(out: &mut Vec<u8>, key: &[u8], rest: &mut &[u8], lead: &mut u8) -> Option<()> {
    let kind = *rest.split_off_first()?;
    if kind == ABSENT {
        return Some(());
    }
    let begin = out.len();
    out.extend_from_slice(key);
    *out.get_mut(begin)? = std::mem::replace(lead, b',');
    match kind {
        U64 => json::frequent(out, &Val::U64(bits(rest)?)),
        UUID => json::frequent(out, &Val::Uuid(Uuid::from_bytes(*chunk(rest)?))),
        TEXT => json::text_of(out, counted(rest)?),
        JSON => out.bytes(counted(rest)?),
        _ => {
            let value = match kind {
                FALSE => Val::Bool(false),
                TRUE => Val::Bool(true),
                I64 => Val::I64(bits(rest)?.cast_signed()),
                F64 => Val::F64(f64::from_bits(bits(rest)?)),
                _ => return None,
            };
            json::value(out, &value);
            Some(())
        }
    }
}

fn bits(rest: &mut &[u8]) -> Option<u64> {
    chunk(rest).map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests;
