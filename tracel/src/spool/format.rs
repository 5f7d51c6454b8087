//! The bytes of a segment: a header, then frames, each under its own checksum. All numbers are little-endian. Files and
//! folders are not known here.

/// Bytes of a segment's header. Its layout is the same in all versions.
pub(super) const HEADER: usize = 40;
/// Bytes before a frame's line.
pub(super) const FRAME: usize = 40;
/// The longest line, in bytes: more than a chunk of a journal holds.
pub(super) const LONGEST: usize = 16 << 20;

const MAGIC: [u8; 8] = *b"TRACELSP";
const VERSION: u32 = 1;
/// Read backwards on a machine of the other endianness.
const ENDIANNESS: u32 = 0x0102_0304;
/// A frame begins with it. No line can hold it, because it is not UTF-8.
const MARKER: [u8; 4] = [0xF7, 0xFE, b'T', b'L'];
/// In place of a count: the line is a record.
const RECORD: u64 = u64::MAX;

/// A line and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The lane of its record.
    pub lane: u32,
    /// Its record's number in the lane.
    pub seq: u64,
    /// `None` for a record; for a line that announces a loss, of how many records.
    pub announced: Option<u64>,
    /// The finished line, with its line feed.
    pub line: &'a [u8],
}

/// What a file's first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// It is ours; its first frame has this ordinal.
    Ours { first: u64 },
    /// Its header is damaged. Its frames may be sound.
    Damaged,
    /// Another version, or another machine, wrote it: the words for it.
    Foreign(&'static str),
}

/// A segment's header.
pub(super) fn header(number: u64, first: u64) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&ENDIANNESS.to_le_bytes());
    bytes[16..24].copy_from_slice(&number.to_le_bytes());
    bytes[24..32].copy_from_slice(&first.to_le_bytes());
    let sum = crc32c::crc32c(&bytes[..36]);
    bytes[36..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Reads a segment's header.
pub(super) fn head(bytes: &[u8]) -> Head {
    if bytes.len() < HEADER || bytes[..8] != MAGIC {
        return Head::Damaged;
    }
    let sum = crc32c::crc32c(&bytes[..36]);
    // The other endianness writes the checksum its own way, too.
    if sum != word(bytes, 36) && sum != word(bytes, 36).swap_bytes() {
        return Head::Damaged;
    }
    match (word(bytes, 8), word(bytes, 12)) {
        (_, mark) if mark == ENDIANNESS.swap_bytes() => {
            Head::Foreign("a machine of the other endianness wrote it")
        }
        (VERSION, ENDIANNESS) => Head::Ours {
            first: long(bytes, 24),
        },
        _ => Head::Foreign("another version of TraceL wrote it"),
    }
}

/// Appends a frame. The line must not be longer than [`LONGEST`].
pub(super) fn frame(out: &mut Vec<u8>, ordinal: u64, entry: &Entry<'_>) {
    let start = out.len();
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(entry.line.len() as u32).to_le_bytes());
    out.extend_from_slice(&entry.lane.to_le_bytes());
    out.extend_from_slice(&ordinal.to_le_bytes());
    out.extend_from_slice(&entry.seq.to_le_bytes());
    out.extend_from_slice(&entry.announced.unwrap_or(RECORD).to_le_bytes());
    out.extend_from_slice(entry.line);
    let sum = crc32c::crc32c(&out[start + 8..]);
    out[start + 4..start + 8].copy_from_slice(&sum.to_le_bytes());
}

/// What lies at a place in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// A frame, and how many bytes it is.
    Frame {
        ordinal: u64,
        entry: Entry<'a>,
        len: usize,
    },
    /// No frame. The next one that is sound begins after so many bytes.
    Damaged { skip: usize },
    /// No frame, and none comes after it. `torn`: one that its writer did not finish.
    End { torn: bool },
}

/// Looks at a segment's rest.
pub(super) fn next(bytes: &[u8]) -> Next<'_> {
    if let Some(frame) = sound(bytes) {
        return frame;
    }
    // A length that is damaged leads anywhere, so the next frame is looked for, and not counted upon.
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(marker) {
        at += found;
        if sound(&bytes[at..]).is_some() {
            return Next::Damaged { skip: at };
        }
        at += 1;
    }
    Next::End { torn: is_torn(bytes) }
}

fn sound(bytes: &[u8]) -> Option<Next<'_>> {
    if bytes.len() < FRAME || bytes[..4] != MARKER {
        return None;
    }
    let len = FRAME + word(bytes, 8) as usize;
    let covered = bytes.get(8..len)?;
    if crc32c::crc32c(covered) != word(bytes, 4) {
        return None;
    }
    let announced = long(bytes, 32);
    let entry = Entry {
        lane: word(bytes, 12),
        seq: long(bytes, 24),
        announced: (announced != RECORD).then_some(announced),
        line: &bytes[FRAME..len],
    };
    let ordinal = long(bytes, 16);
    Some(Next::Frame { ordinal, entry, len })
}

/// Where the next marker begins.
fn marker(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARKER.len()).position(|window| window == MARKER)
}

/// Whether these last bytes look like the begin of a frame that goes on beyond them.
fn is_torn(bytes: &[u8]) -> bool {
    let begins = bytes.len().min(MARKER.len());
    let goes_on = bytes.len() < FRAME
        || (word(bytes, 8) as usize <= LONGEST && FRAME + word(bytes, 8) as usize > bytes.len());
    bytes[..begins] == MARKER[..begins] && goes_on
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}
