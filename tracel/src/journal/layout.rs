//! Where everything lies in the region, as offsets in bytes. The same for memory and for a file.
//!
//! ```text
//! header | lane table | cursor table (reader × lane) | definitions | chunk 0 | chunk 1 | …
//! chunk: header of 64 bytes | frame | frame | … | link
//! frame: word { crc:32 | kind:8 | length:24 } | lane seq | bytes, padded to 8
//! definitions: word of the bytes in use, itself included | definition | definition | …
//! definition: word { crc:32 | length:32 } | bytes, padded to 8
//! ```
//! A word of 0 is a frame that is not committed yet; what lies behind it has no meaning.

/// The first word of a region and of each chunk. Another endianness reads it reversed.
pub(crate) const MAGIC: u64 = u64::from_ne_bytes(*b"TRACELJ1");
/// The layout's version.
pub(crate) const VERSION: u64 = 2;

#[cfg(not(loom))]
mod sizes {
    /// Bytes for the region's header; what is free of it is for the instance's identity.
    pub(crate) const HEADER: usize = 4096;
    /// Bytes of a lane's entry: two cache lines, because the prefetcher fetches pairs.
    pub(crate) const LANE: usize = 128;
    /// How many readers a journal can have.
    pub(crate) const READERS: usize = 8;
    /// Chunks begin at a multiple of this.
    pub(crate) const PAGE: usize = 4096;
    /// Bytes for definitions: a part of what the chunks take, for some 1,200 callsites at most.
    pub(crate) const fn definitions(chunks: usize) -> usize {
        match chunks / 32 {
            few if few < PAGE => PAGE,
            many if many > 512 << 10 => 512 << 10,
            some => some,
        }
    }
}
// Every word is an object of the model: keep it small.
#[cfg(loom)]
mod sizes {
    pub(crate) const HEADER: usize = 8;
    pub(crate) const LANE: usize = 24;
    pub(crate) const READERS: usize = 2;
    pub(crate) const PAGE: usize = 8;
    /// One of 8 bytes.
    pub(crate) const fn definitions(_chunks: usize) -> usize {
        24
    }
}
pub(crate) use sizes::{HEADER, LANE, PAGE, READERS};

/// Bytes of a chunk's header.
pub(crate) const CHUNK_HEADER: usize = 64;
/// Words of a chunk's header: its lane.
pub(crate) const CHUNK_LANE: usize = 8;
/// Which of its lane's chunks it is, from 1.
pub(crate) const CHUNK_ORD: usize = 16;
/// The seq of its first record.
pub(crate) const CHUNK_SEQ: usize = 24;
/// How many records of its lane were announced as lost before it.
pub(crate) const CHUNK_LOST: usize = 32;

/// Bytes of a frame's header.
pub(crate) const FRAME: usize = 16;
/// Bytes of a gap's frame.
pub(crate) const GAP: usize = FRAME + 8;

/// Words of a lane's entry: the seq after its last committed record.
pub(crate) const LANE_COMMITTED: usize = 0;
/// How many of its records gap frames have announced as lost.
pub(crate) const LANE_ANNOUNCED: usize = 8;
/// The seq after the last one that was lost; below `LANE_COMMITTED` when records came after.
pub(crate) const LANE_LOST_TO: usize = 16;

/// A record.
pub(crate) const KIND_RECORD: u8 = 1;
/// The lane goes on in the chunk whose number stands in the place of the seq.
pub(crate) const KIND_LINK: u8 = 2;
/// From the frame's seq on, as many records as the payload (a u64) says were lost.
pub(crate) const KIND_GAP: u8 = 3;

/// A frame's first word.
#[inline]
pub(crate) const fn word(kind: u8, len: usize) -> u64 {
    (kind as u64) << 24 | len as u64
}

/// A frame's kind and length.
#[inline]
pub(crate) const fn parts(word: u64) -> (u8, usize) {
    ((word >> 24) as u8, (word & 0xff_ffff) as usize)
}

/// Bytes that a frame takes.
#[inline]
pub(crate) const fn frame(len: usize) -> usize {
    (FRAME + len + 7) & !7
}

/// The cursor of a reader that has left the lane, which rests without a chunk. A cursor of 0 was never set.
pub(crate) const LEFT: u64 = 1;

/// A place in a chunk, as a cursor's word.
pub(crate) const fn cursor(chunk: u32, off: usize) -> u64 {
    (chunk as u64 + 1) << 32 | off as u64
}

/// A cursor's chunk and offset; `None` when it is nowhere.
pub(crate) const fn place(cursor: u64) -> Option<(u32, usize)> {
    match (cursor >> 32) as u32 {
        0 => None,
        chunk => Some((chunk - 1, (cursor & 0xffff_ffff) as usize)),
    }
}

/// How many chunks a region can have at most.
pub(crate) const MOST_CHUNKS: u32 = 1 << 20;

/// Whether chunks can have that many bytes.
pub(crate) const fn is_chunk(bytes: usize) -> bool {
    1024 <= bytes && bytes <= 8 << 20 && bytes.is_multiple_of(64)
}

/// The sizes of one region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Bytes of a chunk, its header included.
    pub(crate) chunk: usize,
    /// How many chunks.
    pub(crate) chunks: u32,
    /// How many lanes at most. Fewer than chunks: a lane holds one even when it rests, and the others are what
    /// the queue is made of.
    pub(crate) lanes: u32,
    /// Where definitions begin, and how many bytes they may take.
    pub(crate) definitions: (usize, usize),
    data: usize,
}

impl Layout {
    /// For `chunks` chunks of `chunk` bytes.
    pub(crate) const fn new(chunk: usize, chunks: u32) -> Self {
        let lanes = if chunks * 3 / 4 < 2 { 2 } else { chunks * 3 / 4 };
        let tables = HEADER + lanes as usize * (LANE + READERS * 8);
        let definitions = (tables, sizes::definitions(chunk * chunks as usize));
        Layout {
            chunk,
            chunks,
            lanes,
            definitions,
            data: (definitions.0 + definitions.1).next_multiple_of(PAGE),
        }
    }

    /// What the first words of a region say.
    pub(crate) const fn words(&self) -> [u64; 6] {
        [
            MAGIC,
            VERSION,
            self.chunk as u64,
            self.chunks as u64,
            self.lanes as u64,
            READERS as u64,
        ]
    }

    /// The sizes that these words say; `None` when they cannot be.
    #[cfg(not(loom))]
    pub(crate) fn of_words(word: impl Fn(usize) -> u64) -> Option<Self> {
        let chunk = usize::try_from(word(2)).ok().filter(|&chunk| is_chunk(chunk))?;
        let chunks = u32::try_from(word(3))
            .ok()
            .filter(|chunks| (1..=MOST_CHUNKS).contains(chunks))?;
        let layout = Layout::new(chunk, chunks);
        (layout.words()[4..] == [word(4), word(5)]).then_some(layout)
    }

    /// Bytes of the whole region.
    pub(crate) const fn len(&self) -> usize {
        self.data + self.chunk * self.chunks as usize
    }

    /// Where a lane's entry is.
    pub(crate) const fn lane(&self, lane: u32) -> usize {
        HEADER + lane as usize * LANE
    }

    /// Where a reader's cursor in a lane is.
    pub(crate) const fn cursor(&self, reader: usize, lane: u32) -> usize {
        HEADER + self.lanes as usize * LANE + (reader * self.lanes as usize + lane as usize) * 8
    }

    /// Where a chunk begins.
    #[inline]
    pub(crate) const fn chunk(&self, chunk: u32) -> usize {
        self.data + chunk as usize * self.chunk
    }

    /// Where a chunk's frames must end: behind them a link always has its place.
    pub(crate) const fn limit(&self, chunk: u32) -> usize {
        self.chunk(chunk) + self.chunk - FRAME
    }

    /// The longest payload: one that fits an empty chunk behind a gap's frame.
    pub(crate) const fn max_payload(&self) -> usize {
        self.chunk - CHUNK_HEADER - GAP - FRAME - FRAME
    }
}
