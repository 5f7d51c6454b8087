//! The file `cursor`: up to where a spool is acknowledged. Two slots are written in turn, so that a torn write leaves
//! the place before it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// A place in a spool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The segment's number.
    pub(super) segment: u64,
    /// Bytes from its begin.
    pub(super) offset: u64,
    /// The ordinal of the entry there, among all that the spool ever had.
    pub(super) ordinal: u64,
}

const SLOT: usize = 64;
/// The words of a slot that its checksum covers: a turn and a place.
const COVERED: usize = 32;

#[derive(Debug)]
pub(super) struct Cursor {
    file: File,
    turn: u64,
}

impl Cursor {
    /// Opens a folder's cursor, or makes one; and the place that it holds, if one is sound.
    pub(super) fn open(folder: &Path) -> io::Result<(Cursor, Option<Place>)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join("cursor"))?;
        let mut bytes = Vec::new();
        (&mut file).take(2 * SLOT as u64).read_to_end(&mut bytes)?;
        let last = bytes.chunks_exact(SLOT).filter_map(slot).max();
        let turn = last.map_or(0, |(turn, _)| turn);
        Ok((Cursor { file, turn }, last.map(|(_, place)| place)))
    }

    /// Keeps a place.
    pub(super) fn set(&mut self, place: Place) -> io::Result<()> {
        let turn = self.turn.wrapping_add(1);
        let mut slot = [0; SLOT];
        let words = [turn, place.segment, place.offset, place.ordinal];
        for (bytes, word) in slot.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let sum = crc32c::crc32c(&slot[..COVERED]);
        slot[COVERED..COVERED + 4].copy_from_slice(&sum.to_le_bytes());
        self.file.seek(SeekFrom::Start(turn % 2 * SLOT as u64))?;
        self.file.write_all(&slot)?;
        self.turn = turn;
        Ok(())
    }
}

fn slot(bytes: &[u8]) -> Option<(u64, Place)> {
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at * 8 + byte]));
    let sum = u32::from_le_bytes(std::array::from_fn(|byte| bytes[COVERED + byte]));
    let place = Place {
        segment: word(1),
        offset: word(2),
        ordinal: word(3),
    };
    (crc32c::crc32c(&bytes[..COVERED]) == sum).then_some((word(0), place))
}
