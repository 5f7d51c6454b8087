//! What many records have in common: bytes that are kept once, beside the chunks, and stay as long as the journal does. A
//! record names them by a number. What they mean is not known here; how they lie, `layout` says.

use super::{
    Journal,
    sync::{
        Ordering::{Acquire, Relaxed, Release},
        lock,
    },
};
use std::collections::HashMap;

/// The definitions that there are, by their bytes, and where the next one goes. Its first word says so to readers.
#[derive(Default)]
pub(super) struct Definitions {
    numbers: HashMap<Box<[u8]>, u32>,
    /// 0 before the first.
    end: usize,
}

/// The bytes of a definition's word.
const WORD: usize = 8;

impl Journal {
    /// Keeps these bytes, and gives the number by which a record of this journal may name them from now on: the same for the
    /// same bytes. `None` when there is no room for more.
    pub fn define(&self, bytes: &[u8]) -> Option<u32> {
        let shared = &self.shared;
        if shared.is_inherited() {
            return None;
        }
        let mut definitions = lock(&shared.definitions);
        if let Some(&number) = definitions.numbers.get(bytes) {
            return Some(number);
        }
        let (start, room) = shared.layout.definitions;
        let at = definitions.end.max(WORD);
        let end = (at + WORD + bytes.len()).next_multiple_of(8);
        if end > room {
            return None;
        }
        let number = u32::try_from(at / 8).ok()?;
        // SAFETY: `start + at..start + end` lies where definitions go, and no reader looks behind the end that the first word
        // says. Only the one who has the lock writes there.
        unsafe {
            let region = &shared.region;
            region.word(start + at).store(word(bytes), Relaxed);
            region.write(start + at + WORD, bytes);
            region.word(start).store(end as u64, Release);
        }
        definitions.end = end;
        definitions.numbers.insert(bytes.into(), number);
        Some(number)
    }

    /// Shows the bytes of this number to `f`; `None` when there are none. Whoever has read a record finds what that names.
    pub(crate) fn definition<R>(&self, number: u32, f: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let shared = &self.shared;
        if shared.is_forked() {
            return None;
        }
        let (start, room) = shared.layout.definitions;
        // SAFETY: the first word of the definitions, and what lies before the end that it says: written once, and before
        // that. Where the file was cut all of it may be zero, which is no definition.
        unsafe {
            let used = usize::try_from(shared.region.word(start).load(Acquire)).ok()?;
            let at = place(number, used.min(room))?;
            let len = length(shared.region.word(start + at).load(Relaxed));
            (len <= used.min(room) - at - WORD).then(|| shared.region.read(start + at + WORD, len, f))
        }
    }
}

/// The definition of this number in what a dead process has left, if it is sound.
#[cfg(all(target_os = "linux", not(loom)))]
pub(super) fn find(area: &[u8], number: u32) -> Option<&[u8]> {
    let word_at = |at: usize| Some(u64::from_ne_bytes(*area.get(at..)?.first_chunk()?));
    let used = usize::try_from(word_at(0)?).ok()?;
    let at = place(number, used.min(area.len()))?;
    let said = word_at(at)?;
    let bytes = area.get(at + WORD..)?.get(..length(said))?;
    (word(bytes) == said).then_some(bytes)
}

/// Where a definition of this number begins, if that is one of `used` bytes.
fn place(number: u32, used: usize) -> Option<usize> {
    let at = usize::try_from(number).ok()?.checked_mul(8)?;
    (at >= WORD && at + WORD <= used).then_some(at)
}

/// What stands before these bytes.
fn word(bytes: &[u8]) -> u64 {
    u64::from(crc32c::crc32c(bytes)) << 32 | bytes.len() as u64
}

fn length(word: u64) -> usize {
    (word & 0xffff_ffff) as usize
}

#[cfg(all(test, not(loom)))]
mod tests;
