//! The members of `metadata` and `extra`, as bytes with their names beside them, so that a record can be
//! put together from an event's and its spans' without writing a key twice.

use super::{json, short};
use crate::{event::Key, value::Val};
use std::ops::Range;

/// How many bytes of memory an empty set keeps.
const KEPT: usize = 64 << 10;

/// How many bytes a set may take that is kept beside many.
const SMALL: usize = 1 << 10;

/// Members in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    /// A comma before each.
    bytes: Vec<u8>,
    list: Vec<Member>,
    /// How many of them the schema does not declare.
    open: usize,
    /// Whether the bytes hold one that gave way, and is in the list no more.
    ragged: bool,
    /// A bit for each name: two sets whose bits do not meet share no name.
    bits: u64,
}

#[derive(Clone, Debug)]
struct Member {
    name: &'static str,
    /// Where its `,"name":value` stands in the bytes.
    range: Range<usize>,
    declared: bool,
}

/// A callsite's keys, as its records have them: made once.
#[derive(Debug)]
pub(crate) struct Labels(Box<[Label]>);

/// The room of a label: most are shorter.
const LABEL: usize = 32;

#[derive(Debug)]
struct Label {
    name: &'static str,
    /// `,"name":`, and room.
    text: [u8; LABEL],
    /// Its length; 0 where it has no room.
    len: usize,
    bit: u64,
    declared: bool,
}

impl Labels {
    pub(crate) fn of(keys: &'static [Key]) -> Self {
        let made = |key: &'static Key| {
            let mut written = Vec::new();
            label(&mut written, key.name);
            let (mut text, mut len) = ([0; LABEL], 0);
            if let Some(room) = text.get_mut(..written.len()) {
                room.copy_from_slice(&written);
                len = written.len();
            }
            Label {
                name: key.name,
                text,
                len,
                bit: bit(key.name),
                declared: key.declared,
            }
        };
        Labels(keys.iter().map(made).collect())
    }
}

impl Label {
    /// Appends it.
    #[inline(always)]
    fn write(&self, out: &mut Vec<u8>) {
        if self.len == 0 {
            return label(out, self.name);
        }
        short::append(out, &self.text, self.len);
    }
}

/// Appends `,"name":`. A name is an identifier: there is nothing to escape in it.
fn label(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
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
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.list.clear();
        (self.open, self.ragged, self.bits) = (0, false, 0);
    }

    /// Adds values of these keys, as their classes let them out; what is absent leaves no member.
    #[inline(always)]
    pub(crate) fn add_all(&mut self, labels: &Labels, values: &[Val<'_>]) {
        for (label, value) in labels.0.iter().zip(values) {
            if !matches!(value, Val::Null) {
                if self.bits & label.bit != 0 {
                    self.give_way(label.name);
                }
                let start = self.bytes.len();
                label.write(&mut self.bytes);
                match label.declared {
                    true => json::frequent(&mut self.bytes, value),
                    false => json::text(&mut self.bytes, value),
                }
                self.push(label.name, label.bit, label.declared, start);
            }
        }
    }

    /// Adds one member; one of the same name that stands here already gives way.
    pub(crate) fn add(&mut self, name: &'static str, declared: bool, write: impl FnOnce(&mut Vec<u8>)) {
        if self.has(name) {
            self.give_way(name);
        }
        let start = self.bytes.len();
        label(&mut self.bytes, name);
        write(&mut self.bytes);
        self.push(name, bit(name), declared, start);
    }

    /// Drops the member of this name, if there is one.
    #[cold]
    fn give_way(&mut self, name: &str) {
        let before = self.list.len();
        self.list.retain(|member| member.name != name);
        self.open = self.list.iter().filter(|member| !member.declared).count();
        self.ragged |= self.list.len() < before;
    }

    #[inline(always)]
    fn push(&mut self, name: &'static str, bit: u64, declared: bool, start: usize) {
        self.bits |= bit;
        self.open += usize::from(!declared);
        self.list.push(Member {
            name,
            range: start..self.bytes.len(),
            declared,
        });
    }

    /// Adds those of `outer` whose names are not here: an inner span's field wins over an outer's.
    pub(crate) fn inherit(&mut self, outer: &Members) {
        self.inherit_first(outer, outer.list.len());
    }

    /// The same of the first so many alone.
    pub(crate) fn inherit_first(&mut self, outer: &Members, count: usize) {
        for member in outer.list.iter().take(count) {
            if !self.has(member.name) {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(outer.bytes_of(member));
                self.push(member.name, bit(member.name), member.declared, start);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether it takes little memory.
    pub(crate) fn is_small(&self) -> bool {
        self.bytes.capacity() <= SMALL
    }

    /// Whether the schema declares all of them.
    #[inline]
    pub(crate) fn all_declared(&self) -> bool {
        self.open == 0
    }

    /// Appends the members of `part` that `inner` does not have, each but the first after a comma;
    /// `first` tells whether none stands there yet.
    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Vec<u8>, part: Part, inner: Option<&Members>, first: &mut bool) {
        let apart = inner.is_none_or(|inner| inner.bits & self.bits == 0);
        if part == Part::Metadata && self.all_declared() && !self.ragged && apart {
            // Nearly always: all as they stand.
            return joined(out, &self.bytes, first);
        }
        for member in &self.list {
            let here = member.declared == (part == Part::Metadata);
            if here && (apart || !inner.is_some_and(|inner| inner.has(member.name))) {
                joined(out, self.bytes_of(member), first);
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
        // After a comma the name stands unescaped between two quotation marks, before a colon.
        self.bytes_of(member).get(name.len() + 4..)
    }

    fn bytes_of(&self, member: &Member) -> &[u8] {
        self.bytes.get(member.range.clone()).unwrap_or(b"")
    }
}

/// Appends members that begin with a comma; without it where none stands there yet.
#[inline(always)]
fn joined(out: &mut Vec<u8>, members: &[u8], first: &mut bool) {
    if !members.is_empty() {
        out.extend_from_slice(&members[usize::from(std::mem::take(first))..]);
    }
}
