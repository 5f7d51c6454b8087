//! The spool: finished lines on disk, for a sink that is behind. It knows neither sinks nor journals: lines go in at one
//! end, are read at the other in their order, and are deleted when they are acknowledged.
//!
//! A spool is a folder of segments, `%016x.spool`, and a file `cursor`. It belongs to one sink of one process; whoever
//! opens a dead process's folder takes up what that left. What was committed is in the system's hands: it survives the
//! process, however that ends, but not a loss of power.
//!
//! | what happens | what becomes of it |
//! | --- | --- |
//! | the budget is spent, or the disk is full | nothing of the batch is taken, the caller keeps it: [`Refusal`] |
//! | the folder cannot be written to | the same |
//! | the folder is removed | it is made anew; what can still be read of the old one is, the rest is counted as damaged |
//! | a frame is damaged | it is left out and counted, those behind it are read |
//! | a header is damaged | its frames are read by their own checksums |
//! | the last frame is torn: its writer died | it is left out: nobody was told that it was taken |
//! | a segment is of another version or endianness | it is left alone, and told of |
//! | the cursor is damaged | all that is there is read again |
//!
//! Rooms: `format` says which bytes; `cursor` keeps the place; `budget` counts bytes over all spools; `folder` takes up
//! what lies there; `write` and `read` are the two ends.

mod budget;
mod cursor;
mod folder;
mod format;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use budget::Budget;
pub use format::Entry;

use crate::{
    Error,
    report::{Report, Teller},
    stats::{self, Stats},
};
use cursor::{Cursor, Place};
use read::Window;
use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// How a spool works.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Bytes from which on a segment is full, at most 32 MiB: 4 MiB.
    pub segment: u64,
    /// What all spools of the process may take on disk.
    pub budget: Budget,
    /// Where it tells of trouble: stderr.
    pub report: Report,
    /// How often at most it tells of one kind: once a minute.
    pub report_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            segment: 4 << 20,
            budget: Budget::default(),
            report: Report::default(),
            report_every: Duration::from_secs(60),
        }
    }
}

/// Why entries were not taken. The spool holds nothing of them.
#[derive(Debug)]
pub enum Refusal {
    /// The budget is spent.
    Spent,
    /// The disk is full or broken, or the folder cannot be written to.
    Failed(io::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Spent => f.write_str("its budget is spent"),
            Refusal::Failed(error) => error.fmt(f),
        }
    }
}

/// A place up to which entries can be acknowledged; from [`Spool::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(Place);

/// Lines on disk, in order.
pub struct Spool {
    folder: PathBuf,
    options: Options,
    /// Those that are not wholly acknowledged, the oldest first.
    segments: VecDeque<Segment>,
    /// The last one is written to.
    writing: bool,
    cursor: Cursor,
    /// Frames that are appended but not committed, and how many.
    pending: Vec<u8>,
    appended: u64,
    /// How many of them are records.
    records: u64,
    next_number: u64,
    /// The ordinal of the next entry that is committed.
    next_ordinal: u64,
    /// Where `read` goes on, and where `ack` has come to.
    reading: Place,
    acked: Place,
    window: Window,
    counts: Arc<Counts>,
    writes: Teller,
    damages: Teller,
}

/// A file of frames.
#[derive(Debug)]
struct Segment {
    number: u64,
    /// Its first entry's ordinal, when it is known.
    first: Option<u64>,
    /// Its bytes, as far as they are committed.
    len: u64,
    /// Kept while it is written to, and when it can be found by no name any more.
    file: Option<File>,
}

#[derive(Debug, Default)]
struct Counts {
    spooled: AtomicU64,
    damaged: AtomicU64,
    bytes: AtomicU64,
}

impl Spool {
    /// Opens a folder's spool, with all that it holds; makes the folder when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written to.
    pub fn open(folder: &Path, options: Options) -> Result<Spool, Error> {
        folder::open(folder, options).map_err(|error| {
            Error::new("cannot keep records for a sink that is behind")
                .at(folder.display().to_string())
                .because(error)
                .help("give the service a folder that it may write to")
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything that was read since it was opened, to be acknowledged.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.reading)
    }

    /// Acknowledges everything before a mark: it is not kept any more. Marks that are older than the last change nothing.
    pub fn ack(&mut self, mark: Mark) {
        if mark.0 <= self.acked {
            return;
        }
        self.acked = mark.0;
        // The cursor first: a segment that is left behind by a crash in between is deleted when the spool is opened.
        if let Err(error) = self.cursor.set(self.acked) {
            let folder = self.folder.display();
            self.writes.tell(|| {
                format!("{folder}: what is delivered cannot be noted, and would be delivered again by the next start: {error}")
            });
        }
        while let Some(front) = self.segments.front() {
            let Place { segment, offset, .. } = self.acked;
            if front.number > segment || (front.number == segment && offset < front.len) {
                break;
            }
            let Some(segment) = self.segments.pop_front() else {
                break;
            };
            self.writing &= !self.segments.is_empty();
            self.discard(&segment);
        }
        if self.segments.is_empty() && self.pending.is_empty() {
            // The sink has caught up: the memory is not needed for now.
            (self.window, self.pending) = (Window::default(), Vec::new());
        }
        self.count_bytes();
    }

    /// How many entries are not acknowledged. Those that are damaged count, as far as they are known.
    #[must_use]
    pub fn left(&self) -> u64 {
        match self.segments.is_empty() {
            true => 0,
            false => self.next_ordinal.saturating_sub(self.acked.ordinal),
        }
    }

    /// Whether [`read`](Spool::read) has something to show.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        self.segments
            .back()
            .is_some_and(|last| (last.number, last.len) > (self.reading.segment, self.reading.offset))
    }

    /// Bytes on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.len).sum()
    }

    /// How many entries were ever committed: with [`delivered`](Spool::delivered) it tells when what was committed by
    /// now is acknowledged.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.next_ordinal
    }

    /// Up to which entry, of all that were ever committed, everything is acknowledged.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        match self.segments.is_empty() {
            true => self.next_ordinal,
            false => self.acked.ordinal,
        }
    }

    /// Deletes a segment that is done.
    fn discard(&self, segment: &Segment) {
        // One that cannot be deleted is when the spool is opened the next time.
        _ = std::fs::remove_file(folder::path(&self.folder, segment.number));
        self.options.budget.give_back(segment.len);
    }

    fn count_bytes(&self) {
        self.counts.bytes.store(self.bytes(), Relaxed);
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.forget();
        // The files stay; they are no business of this process any more.
        self.options.budget.give_back(self.bytes());
        self.counts.bytes.store(0, Relaxed);
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({}, {} entries)", self.folder.display(), self.left())
    }
}

impl Counts {
    fn registered() -> Arc<Self> {
        let counts = Arc::new(Counts::default());
        let weak: Weak<Counts> = Arc::downgrade(&counts);
        stats::register(weak);
        counts
    }
}

impl stats::Source for Counts {
    fn add_to(&self, sum: &mut Stats) {
        stats::add(&mut sum.spooled, self.spooled.load(Relaxed));
        stats::add(&mut sum.spool_bytes, self.bytes.load(Relaxed));
        stats::add(&mut sum.damaged, self.damaged.load(Relaxed));
    }
}

impl Drop for Counts {
    fn drop(&mut self) {
        stats::retire(self);
    }
}
