//! What the records of a callsite have in common, as a journal keeps it once for all of them. Here only how it is written and
//! read; what a record adds is in `compact`.
//!
//! ```text
//! level:8 | 0:8 | lengths of module, message, kind, source, schema: 16 each | how many keys: 16
//! module | message | kind | source | schema | for each key { length:16 | ,"name": }
//! ```

use super::{fixed::Fixed, head::Head};
use crate::{
    journal::Journal,
    record::members::{Labels, label},
};
use std::{
    hint::cold_path,
    sync::atomic::{
        AtomicU64, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
};

/// How a callsite's definition is named in the journal that it wrote to last.
#[derive(Debug, Default)]
pub(crate) struct Defined {
    /// That journal above, the number below.
    number: AtomicU64,
    len: AtomicUsize,
}

/// A definition, as a record names it.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) number: u32,
    pub(crate) len: usize,
}

/// The bytes before a definition's texts.
const HEAD: usize = 14;

/// In place of a number: this journal has none for it.
const NONE: u32 = u32::MAX;

impl Defined {
    /// What it has in this journal, where `define` puts it if need be; `None` where that has no room for it.
    #[inline(always)]
    pub(crate) fn in_journal(
        &self,
        journal: &Journal,
        define: impl FnOnce() -> Option<Named>,
    ) -> Option<Named> {
        let known = self.number.load(Acquire);
        if known >> 32 != journal.id() {
            cold_path();
            self.set(journal, define());
            return None;
        }
        let number = known as u32;
        let len = self.len.load(Relaxed);
        (number != NONE).then_some(Named { number, len })
    }

    /// Whether the journal that it wrote to last has none, so that its records are encoded first.
    #[inline(always)]
    pub(crate) fn is_nowhere(&self) -> bool {
        self.number.load(Relaxed) as u32 == NONE
    }

    /// From the next record on.
    fn set(&self, journal: &Journal, named: Option<Named>) {
        if let Some(Named { len, .. }) = named {
            // Under two schemas' names it is not the same.
            self.len.fetch_max(len, Relaxed);
        }
        if journal.id() >> 32 == 0 {
            let number = named.map_or(NONE, |named| named.number);
            // A record that finds it finds the definition, and so does whoever reads that record.
            self.number.store(journal.id() << 32 | u64::from(number), Release);
        }
    }
}

/// Appends a definition. `schema` is the process's, for records that name none. False when it is too long to be one.
pub(crate) fn write(fixed: &Fixed, labels: &Labels, schema: &[u8], out: &mut Vec<u8>) -> bool {
    let (tail, own) = fixed.tail();
    let (source, own) = tail.split_at(own);
    let schema = if own.is_empty() { schema } else { own };
    let pieces = [&fixed.module, &fixed.message, &fixed.kind, source, schema];
    out.extend_from_slice(&[fixed.head.number(), 0]);
    let lengths = pieces
        .iter()
        .map(|piece| piece.len())
        .chain([labels.names().len()]);
    for length in lengths {
        let Ok(length) = u16::try_from(length) else {
            return false;
        };
        out.extend_from_slice(&length.to_le_bytes());
    }
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
    labels.names().all(|name| {
        let begin = out.len();
        out.extend_from_slice(&[0; 2]);
        label(out, name);
        let Ok(length) = u16::try_from(out.len() - begin - 2) else {
            return false;
        };
        out[begin..begin + 2].copy_from_slice(&length.to_le_bytes());
        true
    })
}

/// What it says, as the pieces of a line.
pub(crate) struct Definition<'a> {
    pub(crate) head: &'static Head,
    pub(crate) module: &'a [u8],
    pub(crate) message: &'a [u8],
    pub(crate) kind: &'a [u8],
    pub(crate) source: &'a [u8],
    pub(crate) schema: &'a [u8],
    /// How many keys, and their texts.
    count: u16,
    keys: &'a [u8],
}

impl<'a> Definition<'a> {
    /// Reads one; `None` when it is none.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<HEAD>()?;
        let number = |at: usize| u16::from_le_bytes([head[2 * at], head[2 * at + 1]]);
        let mut piece = |at: usize| rest.split_off(..usize::from(number(at)));
        Some(Definition {
            head: Head::numbered(head[0])?,
            module: piece(1)?,
            message: piece(2)?,
            kind: piece(3)?,
            source: piece(4)?,
            schema: piece(5)?,
            count: number(6),
            keys: rest,
        })
    }

    /// The keys, each with a comma before and its colon; `None` for one that is cut off.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        let mut keys = self.keys;
        (0..self.count).map(move |_| counted(&mut keys))
    }
}

/// Takes the next bytes, whose number stands before them.
pub(super) fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = *chunk(rest)?;
    rest.split_off(..usize::from(u16::from_le_bytes(length)))
}

/// Takes the next `N` bytes.
pub(super) fn chunk<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (chunk, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(chunk)
}
