//! The members of `metadata` and `extra`, as bytes with their names beside them, so that a record can be
//! put together from an event's and its spans' without writing a key twice.

use super::{json, out::Out};
use crate::{event::Key, value::Val};
use std::{hint::cold_path, mem, ops::Range};

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
pub(crate) struct Labels {
    list: Box<[Label]>,
    bits: u64,
    /// Whether the schema declares all of them, and no two have one name.
    simple: bool,
}

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
    /// An earlier key of the callsite has the same name.
    repeats: bool,
}

impl Labels {
    pub(crate) fn of(keys: &'static [Key]) -> Self {
        let made = |(at, key): (usize, &'static Key)| {
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
                repeats: keys.iter().take(at).any(|earlier| earlier.name == key.name),
            }
        };
        let list: Box<[Label]> = keys.iter().enumerate().map(made).collect();
        Labels {
            bits: list.iter().fold(0, |bits, label| bits | label.bit),
            simple: list.iter().all(|label| label.declared && !label.repeats),
            list,
        }
    }

    /// Whether all of them are a record's members, each once.
    #[inline(always)]
    pub(crate) fn are_simple(&self) -> bool {
        self.simple
    }

    /// Its keys, in the order of its values.
    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.list.iter().map(|label| label.name)
    }

    /// Whether none of these members has a label's name.
    #[inline(always)]
    pub(crate) fn are_apart_from(&self, members: &Members) -> bool {
        self.bits & members.bits == 0 || {
            cold_path();
            !self.list.iter().any(|label| members.has_labelled(label))
        }
    }
}

impl Label {
    /// Appends it, behind a comma.
    #[inline(always)]
    fn write(&self, out: &mut impl Out) -> Option<()> {
        if self.len == 0 {
            cold_path();
            return out.rest(|out| label(out, self.name));
        }
        out.block(&self.text, self.len)
    }
}

/// Appends `,"name":`. A name is an identifier: there is nothing to escape in it.
pub(crate) fn label(out: &mut Vec<u8>, name: &str) {
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
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.list.clear();
        (self.open, self.ragged, self.bits) = (0, false, 0);
    }

    /// Adds values of these keys, as their classes let them out; what is absent leaves no member.
    pub(crate) fn add_all(&mut self, labels: &Labels, values: &[Val<'_>]) {
        // A callsite's own keys are known to differ: with all 64 bits set, each would look at all before it.
        let before = self.bits;
        for (label, value) in labels.list.iter().zip(values) {
            if !matches!(value, Val::Null) {
                if before & label.bit != 0 || label.repeats {
                    self.give_way(label.name);
                }
                let start = self.bytes.len();
                // A vector has room.
                let _ = label.write(&mut self.bytes);
                match label.declared {
                    true => _ = json::frequent(&mut self.bytes, value),
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
        let outers = outer.list.iter().take(count);
        if self.bits & outer.bits == 0 && !outer.ragged {
            // Nearly always: all as they stand, so that a span deep within others is not dear.
            let shift = self.bytes.len();
            let end = outers.clone().next_back().map_or(0, |last| last.range.end);
            self.bytes
                .extend_from_slice(outer.bytes.get(..end).unwrap_or(b""));
            self.bits |= outer.bits;
            self.open += match count >= outer.list.len() {
                true => outer.open,
                false => outers.clone().filter(|member| !member.declared).count(),
            };
            self.list.extend(outers.map(|member| Member {
                name: member.name,
                range: member.range.start + shift..member.range.end + shift,
                declared: member.declared,
            }));
            return;
        }
        for member in outers {
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

    /// All of them as they stand, each behind a comma, where the schema declares all and none has given way.
    #[inline(always)]
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (self.all_declared() && !self.ragged).then_some(&self.bytes)
    }

    /// Appends the members of `part` that `inner` does not have, each behind `lead`, which is a comma from the second on.
    #[inline(always)]
    pub(crate) fn write(
        &self,
        out: &mut impl Out,
        part: Part,
        inner: Option<&Members>,
        lead: &mut u8,
    ) -> Option<()> {
        let apart = inner.is_none_or(|inner| inner.bits & self.bits == 0);
        if part == Part::Metadata
            && apart
            && let Some(all) = self.whole()
        {
            // Nearly always.
            return joined(out, all, lead);
        }
        for member in &self.list {
            let here = member.declared == (part == Part::Metadata);
            if here && (apart || !inner.is_some_and(|inner| inner.has(member.name))) {
                joined(out, self.bytes_of(member), lead)?;
            }
        }
        Some(())
    }

    /// Whether a member of this name is here.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.bits & bit(name) != 0 && self.list.iter().any(|member| member.name == name)
    }

    fn has_labelled(&self, label: &Label) -> bool {
        self.bits & label.bit != 0 && self.list.iter().any(|member| member.name == label.name)
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

/// Appends members that begin with a comma, with `lead` in its place.
#[inline(always)]
pub(crate) fn joined(out: &mut impl Out, members: &[u8], lead: &mut u8) -> Option<()> {
    let Some((_, behind)) = members.split_first() else {
        return Some(());
    };
    match mem::replace(lead, b',') {
        b',' => out.bytes(members),
        lead => {
            out.block(&[lead], 1)?;
            out.bytes(behind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Members, Part, bit};

    fn set(names: &[(&'static str, &'static str)]) -> Members {
        let mut set = Members::default();
        for (name, value) in names {
            set.add(name, true, |out| out.extend_from_slice(value.as_bytes()));
        }
        set
    }

    fn text(set: &Members) -> String {
        let mut out = Vec::new();
        assert!(set.write(&mut out, Part::Metadata, None, &mut b'{').is_some());
        String::from_utf8(out).unwrap().split_off(1)
    }

    #[test]
    fn an_inner_field_wins_whether_or_not_the_sets_are_copied_whole() {
        let outer = set(&[("tenant", "1"), ("user_id", "2")]);
        let mut apart = set(&[("amount", "3")]);
        assert_eq!(apart.bits & outer.bits, 0, "names whose bits do not meet");
        apart.inherit(&outer);
        assert_eq!(text(&apart), r#""amount":3,"tenant":1,"user_id":2"#);
        assert_eq!(apart.json("user_id"), Some(&b"2"[..]));
        let mut first = set(&[("amount", "3")]);
        first.inherit_first(&outer, 1);
        assert_eq!(text(&first), r#""amount":3,"tenant":1"#);
        let mut same = set(&[("tenant", "4")]);
        same.inherit(&outer);
        assert_eq!(text(&same), r#""tenant":4,"user_id":2"#);
    }

    #[test]
    fn names_that_share_a_bit_are_kept_apart() {
        // First and last byte and length are the same.
        assert_eq!(bit("an_a"), bit("amma"));
        let mut inner = set(&[("an_a", "1")]);
        inner.inherit(&set(&[("amma", "2"), ("an_a", "3")]));
        assert_eq!(text(&inner), r#""an_a":1,"amma":2"#);
    }

    #[test]
    fn what_gave_way_is_not_inherited() {
        let outer = set(&[("tenant", "1"), ("tenant", "2")]);
        let mut inner = set(&[("amount", "3")]);
        inner.inherit(&outer);
        assert_eq!(text(&inner), r#""amount":3,"tenant":2"#);
    }
}
