//! Whose journal a file is: what its first page says beside the sizes. The last page says it again, for the day that one
//! of them is damaged.
//!
//! ```text
//! page: 6 words of sizes (see `layout`) | 16: checksum | boot | instance | made | pid | name's length | service's name
//!       | from 512: for each reader { name's length | name }
//! ```
//! The checksum covers sizes and identity; readers' names come later and are not covered.

use super::layout::{Layout, MAGIC, READERS, VERSION};
use crate::Uuid;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Bytes of a page of identity.
pub(crate) const PAGE: usize = 4096;

const CHECKSUM: usize = 48;
const BOOT: usize = 64;
const INSTANCE: usize = 80;
const MADE: usize = 96;
const PID: usize = 104;
const SERVICE: usize = 112;
/// The longest service's name, in bytes; a longer one is cut.
const SERVICE_MAX: usize = NAMES - SERVICE - 8;
const NAMES: usize = 512;
const NAME: usize = 256;

/// Whose journal it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The process's life.
    pub instance: Uuid,
    /// The service's name.
    pub service: String,
    /// When it began, in nanoseconds since 1970.
    pub made: u64,
    /// The process's number.
    pub pid: u32,
    /// Which life of the machine it was, as the kernel calls it; nil where that is not known.
    pub boot: Uuid,
}

/// Why a page is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no journal, or the page is damaged.
    Damaged,
    /// A machine with another byte order made it.
    OtherOrder,
    /// Another version of TraceL made it.
    OtherVersion(u64),
}

#[cfg(test)]
impl Identity {
    /// A process that is no more.
    pub(crate) fn somebody() -> Self {
        Identity {
            instance: Uuid::from_u128(7),
            service: "Payment".into(),
            made: 1,
            pid: 42,
            boot: Uuid::nil(),
        }
    }
}

impl Identity {
    /// The page that says it.
    pub(crate) fn page(&self, layout: &Layout) -> Vec<u8> {
        let mut page = vec![0; PAGE];
        for (at, value) in layout.words().into_iter().enumerate() {
            put(&mut page, at * 8, &value.to_ne_bytes());
        }
        put(&mut page, BOOT, self.boot.as_bytes());
        put(&mut page, INSTANCE, self.instance.as_bytes());
        put(&mut page, MADE, &self.made.to_ne_bytes());
        put(&mut page, PID, &u64::from(self.pid).to_ne_bytes());
        put_text(&mut page[SERVICE..NAMES], &self.service, SERVICE_MAX);
        let checksum = checksum(&page).to_ne_bytes();
        put(&mut page, CHECKSUM, &checksum);
        page
    }

    /// Reads a page.
    pub(crate) fn read(page: &[u8]) -> Result<(Identity, Layout), Unread> {
        let page = page.get(..PAGE).ok_or(Unread::Damaged)?;
        match word(page, 0) {
            MAGIC => {}
            other if other == MAGIC.swap_bytes() => return Err(Unread::OtherOrder),
            _ => return Err(Unread::Damaged),
        }
        let is_whole = word(page, CHECKSUM) == checksum(page);
        match word(page, 8) {
            VERSION if is_whole => {}
            other if other != VERSION && other < 1 << 16 => return Err(Unread::OtherVersion(other)),
            _ => return Err(Unread::Damaged),
        }
        let layout = Layout::of_words(|at| word(page, at * 8)).ok_or(Unread::Damaged)?;
        let id = |at: usize| Uuid::from_slice(&page[at..at + 16]).unwrap_or_default();
        let identity = Identity {
            instance: id(INSTANCE),
            service: text(&page[SERVICE..NAMES]).ok_or(Unread::Damaged)?,
            made: word(page, MADE),
            pid: word(page, PID) as u32,
            boot: id(BOOT),
        };
        Ok((identity, layout))
    }
}

/// Where a reader's name stands in the page, and what is to be written there.
pub(crate) fn name(reader: usize, name: &str) -> (usize, Vec<u8>) {
    let mut bytes = vec![0; NAME];
    put_text(&mut bytes, name, NAME - 8);
    (NAMES + reader * NAME, bytes)
}

/// The readers' names; none where no reader ever was.
pub(crate) fn names(page: &[u8]) -> [Option<String>; READERS] {
    std::array::from_fn(|reader| {
        let from = NAMES + reader * NAME;
        text(page.get(from..from + NAME)?).filter(|name| !name.is_empty())
    })
}

fn checksum(page: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(&page[..CHECKSUM]);
    hasher.write(&page[BOOT..NAMES]);
    hasher.finish()
}

fn put(page: &mut [u8], at: usize, bytes: &[u8]) {
    page[at..at + bytes.len()].copy_from_slice(bytes);
}

fn put_text(place: &mut [u8], text: &str, max: usize) {
    let text = &text[..text.floor_char_boundary(max)];
    put(place, 0, &(text.len() as u64).to_ne_bytes());
    put(place, 8, text.as_bytes());
}

fn text(place: &[u8]) -> Option<String> {
    let len = usize::try_from(word(place, 0)).ok()?;
    let bytes = place.get(8..8usize.checked_add(len)?)?;
    String::from_utf8(bytes.to_vec()).ok()
}

/// The word at `at`; 0 behind the end.
pub(crate) fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u64::from_ne_bytes(*word))
}
