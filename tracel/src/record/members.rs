//! The members of `metadata` and `extra`, as bytes with their names beside them, so that a record can be
//! put together from an event's and its spans' without writing a key twice.

use super::json;
use crate::{event::Key, value::Val};
use std::ops::Range;

/// How many bytes of memory an empty set keeps.
const KEPT: usize = 64 << 10;

/// Members in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    bytes: Vec<u8>,
    list: Vec<Member>,
    /// A bit for each name: two sets whose bits do not meet share no name.
    bits: u64,
}

#[derive(Clone, Debug)]
struct Member {
    name: &'static str,
    /// Where its `"name":value` stands in the bytes.
    range: Range<u32>,
    declared: bool,
}

/// Which object a member belongs to: `metadata` holds what the schema declares, `extra` the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Metadata,
    Extra,
}

fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (first, last) = (
        bytes.first().copied().unwrap_or(0),
        bytes.last().copied().unwrap_or(0),
    );
    1 << ((usize::from(first) * 7 + usize::from(last) * 3 + bytes.len()) & 63)
}

impl Members {
    /// Empties it, keeping its memory, unless one long record made it large.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.list.clear();
        self.bits = 0;
    }

    /// Adds a callsite's values, as their classes let them out; what is absent leaves no member.
    pub(crate) fn add_all(&mut self, keys: &'static [Key], values: &[Val<'_>]) {
        for (key, value) in keys.iter().zip(values) {
            if !matches!(value, Val::Null) {
                self.add(key.name, key.declared, |out| match key.declared {
                    true => json::value(out, value),
                    false => json::text(out, value),
                });
            }
        }
    }

    /// Adds one member; one of the same name that stands here already gives way.
    pub(crate) fn add(&mut self, name: &'static str, declared: bool, write: impl FnOnce(&mut Vec<u8>)) {
        if self.has(name) {
            self.list.retain(|member| member.name != name);
        }
        let start = self.bytes.len();
        json::string(&mut self.bytes, name);
        self.bytes.push(b':');
        write(&mut self.bytes);
        self.push(name, declared, start);
    }

    fn push(&mut self, name: &'static str, declared: bool, start: usize) {
        // A record of more than 4 GiB is cut long before it comes here.
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.bits |= bit(name);
        self.list.push(Member {
            name,
            range: position(start)..position(self.bytes.len()),
            declared,
        });
    }

    /// Adds those of `outer` whose names are not here: an inner span's field wins over an outer's.
    pub(crate) fn inherit(&mut self, outer: &Members) {
        for member in &outer.list {
            if !self.has(member.name) {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(outer.bytes_of(member));
                self.push(member.name, member.declared, start);
            }
        }
    }

    /// Appends the members of `part` that `inner` does not have, each but the first after a comma;
    /// `first` tells whether none stands there yet.
    pub(crate) fn write(&self, out: &mut Vec<u8>, part: Part, inner: Option<&Members>, first: &mut bool) {
        let apart = inner.is_none_or(|inner| inner.bits & self.bits == 0);
        for member in &self.list {
            let here = member.declared == (part == Part::Metadata);
            if here && (apart || !inner.is_some_and(|inner| inner.has(member.name))) {
                if !std::mem::take(first) {
                    out.push(b',');
                }
                out.extend_from_slice(self.bytes_of(member));
            }
        }
    }

    /// Whether a member of this name is here.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.bits & bit(name) != 0 && self.list.iter().any(|member| member.name == name)
    }

    /// A member's value, as JSON.
    pub(crate) fn json(&self, name: &str) -> Option<&[u8]> {
        let member = self.list.iter().find(|member| member.name == name)?;
        // A name is an identifier: it stands unescaped between two quotation marks, before a colon.
        self.bytes_of(member).get(name.len() + 3..)
    }

    fn bytes_of(&self, member: &Member) -> &[u8] {
        self.bytes
            .get(member.range.start as usize..member.range.end as usize)
            .unwrap_or(b"")
    }
}
