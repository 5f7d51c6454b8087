//! The journal: the queue between the threads that log and the sinks. It moves bytes; what a record is, how it is
//! completed and where it goes is not known here.
//!
//! One region of memory is cut into chunks. Each thread that logs owns a *lane*: it fills one chunk with frames, and
//! links it to the next when it is full. A [`Reader`] a sink follows the links, and a chunk is used again when every
//! reader has acknowledged it. The hot path touches nothing that another thread writes, takes no lock, and does not
//! allocate; a lock is taken when a chunk changes hands.
//!
//! ```text
//! // once
//! let journal = Journal::in_memory(Options::default())?;
//! let own = Source::of(&journal, complete)?;
//! let shipper = Shipper::start(own, sink, shipper::Options::default())?;
//! // for each record
//! journal.push(&bytes);
//! // at the end
//! shipper.stop(Instant::now() + Duration::from_secs(5));
//! ```
//!
//! Rooms: `layout` says where everything lies; `push` and `lane` write; `reader` reads; `pool` knows who holds which
//! chunk, `free` which is taken next, and `ahead` makes that ready; `definitions` keeps what many records have in common;
//! `slot` gives each thread its lane; `memory` is the platform's part, and `sigbus` what may go wrong with it; `cut` says
//! what is known then. `counter` stands here for its `unsafe` alone. A journal in a `file` survives its process;
//! `identity` says whose it is, and `relic` reads what a dead process has left.
#![allow(unsafe_code)] // Frames are written and read in place by several threads; each block says why it may.

mod ahead;
mod bell;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod counter;
mod cut;
mod definitions;
#[cfg(all(target_os = "linux", not(loom)))]
mod file;
pub(crate) mod fork;
mod free;
#[cfg(not(loom))]
mod identity;
mod lane;
mod layout;
#[cfg(not(loom))]
mod memory;
mod options;
mod pool;
mod push;
mod reader;
mod region;
#[cfg(all(target_os = "linux", not(loom)))]
pub mod relic;
mod shared;
#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
mod sigbus;
mod slot;
mod sync;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

#[cfg(not(loom))]
pub use identity::Identity;
pub use options::{OnFull, Options};
pub use push::Pushed;
pub(crate) use reader::Tally;
pub use reader::{Frame, Mark, Reader};

use crate::{
    Error,
    apart::Apart,
    stats::{self, Source, Stats},
};
use ahead::Ahead;
use definitions::Definitions;
use lane::Writer;
use layout::{Layout, READERS};
use pool::Pool;
use region::Region;
use std::{
    any::Any,
    cell::Cell,
    sync::{Arc, OnceLock, Weak},
};
use sync::{AtomicU32, Condvar, Mutex};

/// A lane, as [`Journal::lanes`] gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The next record's `seq`: as many were written or lost.
    pub next_seq: u64,
    /// How many of these were lost.
    pub lost: u64,
}

/// The queue. A clone is the same journal.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

/// What all threads share. First what each record reads, which nobody writes: in this order it is one line of the cache.
#[repr(C)]
pub(crate) struct Shared {
    /// No two journals of a process have the same.
    pub(crate) id: u64,
    /// The process that made it, until its memory is gone: nothing is written from then on, as in a forked child.
    generation: std::sync::atomic::AtomicU32,
    /// The same, for good: a forked child of that must touch none of the below.
    born: u32,
    on_full: OnFull,
    pub(crate) region: Region,
    pub(crate) layout: Layout,
    /// How many lanes there are.
    pub(crate) lanes: AtomicU32,
    /// How many of them rest: a hint, exact under the pool's lock only.
    pub(crate) parked: AtomicU32,
    /// Written at each change of chunk, like the pool, by whichever thread.
    pub(crate) ahead: Apart<Ahead>,
    /// The readers that are not overtaken, one bit each.
    pub(crate) held: AtomicU32,
    pub(crate) pool: Apart<Mutex<Pool>>,
    definitions: Mutex<Definitions>,
    /// Told when chunks become free while writers wait.
    pub(crate) room: Condvar,
    /// The lane of those that have none.
    common: Option<Mutex<Writer>>,
    tallies: std::sync::Mutex<[Option<Arc<Tally>>; READERS]>,
    /// What its lanes had counted when somebody last looked, and what is taken for it once its memory is gone.
    noted: std::sync::Mutex<Vec<Lane>>,
    known: OnceLock<Vec<Lane>>,
    /// Makes the journal of a forked child, and that once it is made. `None`: there could be none.
    revive: OnceLock<Revive>,
    heir: OnceLock<Option<Journal>>,
    /// Where it survives the process.
    #[cfg(all(target_os = "linux", not(loom)))]
    file: Option<file::JournalFile>,
}

/// Makes the journal in which a forked child goes on. It must not log.
pub(crate) type Revive = Box<dyn Fn() -> Option<Journal> + Send + Sync>;

impl Journal {
    /// A journal in anonymous memory: it ends with the process.
    ///
    /// # Errors
    /// When the sizes make no sense, or there is no memory.
    pub fn in_memory(options: Options) -> Result<Journal, Error> {
        let layout = options.layout()?;
        fork::watch();
        let region = Region::anonymous(layout.len())?;
        Ok(Journal::over(region, layout, options.on_full).registered())
    }

    /// A journal in a new file at `path`: what it holds survives the process, and the next one finds it there as a
    /// [`Relic`](relic::Relic).
    ///
    /// # Errors
    /// When the sizes make no sense, or the file cannot be made.
    #[cfg(all(target_os = "linux", not(loom)))]
    pub fn in_file(path: &std::path::Path, identity: &Identity, options: Options) -> Result<Journal, Error> {
        let layout = options.layout()?;
        fork::watch();
        let (file, memory) = file::JournalFile::create(path, identity, &layout)?;
        let mut journal = Journal::over(Region::of(memory, layout.len()), layout, options.on_full);
        if let Some(shared) = Arc::get_mut(&mut journal.shared) {
            shared.file = Some(file);
        }
        Ok(journal.registered())
    }

    fn registered(self) -> Self {
        let source: Weak<Shared> = Arc::downgrade(&self.shared);
        stats::register(source);
        self
    }

    fn over(region: Region, layout: Layout, on_full: OnFull) -> Journal {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let mut shared = Shared {
            id: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            generation: fork::generation().into(),
            born: fork::generation(),
            on_full,
            region,
            layout,
            lanes: AtomicU32::new(0),
            parked: AtomicU32::new(0),
            ahead: Apart(Ahead::new(&layout)),
            held: AtomicU32::new(0),
            pool: Apart(Mutex::new(Pool::new(&layout))),
            definitions: Mutex::default(),
            room: Condvar::new(),
            common: None,
            tallies: std::sync::Mutex::new([const { None }; READERS]),
            noted: std::sync::Mutex::default(),
            known: OnceLock::new(),
            revive: OnceLock::new(),
            heir: OnceLock::new(),
            #[cfg(all(target_os = "linux", not(loom)))]
            file: None,
        };
        shared.write_header();
        shared.common = shared.open_lane().map(Mutex::new);
        Journal {
            shared: Arc::new(shared),
        }
    }

    /// Makes memory ready for records, so that their callers need not: a MiB ahead of what was ever used, which takes a
    /// quarter of a millisecond; nothing where that was done before.
    pub(crate) fn warm(&self) {
        self.shared.warm();
    }

    /// Whether this process is a forked child of the one that made it: what is written then goes elsewhere.
    #[inline]
    pub(crate) fn is_inherited(&self) -> bool {
        self.shared.is_inherited()
    }

    /// Says how a forked child gets a journal of its own, at its first record. Without it the child's records are
    /// counted as dropped.
    pub(crate) fn at_fork(&self, revive: Revive) {
        // It is said once, by who makes the journal.
        let _ = self.shared.revive.set(revive);
    }

    /// A cursor over all lanes, which begins at the oldest record that the journal still holds: from the first one on
    /// for the first reader. Nothing is forgotten before there is a reader.
    ///
    /// # Errors
    /// When there are too many.
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::new(self.shared.clone()).ok_or_else(|| {
            Error::new(format!("a journal cannot have more than {READERS} readers"))
                .help("write to fewer sinks")
        })
    }

    /// The same, with the name by which the next process knows who was to go on there.
    ///
    /// # Errors
    /// When there are too many, or the name cannot be written.
    pub fn reader_named(&self, name: &str) -> Result<Reader, Error> {
        let reader = self.reader()?;
        #[cfg(all(target_os = "linux", not(loom)))]
        if let Some(file) = &self.shared.file {
            file.name_reader(&self.shared.layout, reader.slot(), name)
                .map_err(|error| {
                    Error::new("a sink cannot be entered in the journal")
                        .at(file.path.display().to_string())
                        .because(error)
                })?;
        }
        _ = name;
        Ok(reader)
    }

    /// What is done when it is full.
    #[must_use]
    pub fn on_full(&self) -> OnFull {
        self.shared.on_full
    }

    /// Whether what it holds survives the process.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.shared.is_durable()
    }

    /// Whether someone has removed its file: what it holds ends with the process then.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        #[cfg(all(target_os = "linux", not(loom)))]
        return self
            .shared
            .file
            .as_ref()
            .is_some_and(|file| file.locked.is_removed());
        #[cfg(not(all(target_os = "linux", not(loom))))]
        false
    }

    /// Writes its file through, so that what it holds survives a loss of power, too. In memory there is nothing to do.
    ///
    /// # Errors
    /// When the disk fails.
    #[cfg(all(target_os = "linux", not(loom)))]
    pub(crate) fn sync(&self) -> std::io::Result<()> {
        let file = self.shared.file.as_ref();
        file.map_or(Ok(()), |file| file.locked.file.sync_data())
    }

    /// The seq after the last committed record of each lane: what [`Reader::has_acked`] compares with. It covers
    /// everything that was pushed before this call, by this thread or by one that this thread has heard of since.
    #[must_use]
    pub fn committed(&self) -> Vec<u64> {
        (0..self.shared.lane_count())
            .map(|lane| self.shared.committed(lane))
            .collect()
    }

    /// Each lane's count, in order of their numbers.
    #[must_use]
    pub fn lanes(&self) -> Vec<Lane> {
        (0..self.shared.lane_count())
            .map(|lane| self.shared.lane(lane))
            .collect()
    }

    /// How many records were written.
    #[must_use]
    pub fn written(&self) -> u64 {
        let mut sum = Stats::default();
        self.shared.add_to(&mut sum);
        sum.written
    }
}

/// The locks of this room that no other thread may have at a fork.
fn locks() -> Box<dyn Any> {
    #[cfg(all(target_os = "linux", not(loom)))]
    return Box::new(file::held());
    #[cfg(not(all(target_os = "linux", not(loom))))]
    Box::new(())
}

thread_local!(static DRAINS: Cell<bool> = const { Cell::new(false) });

/// Says that the current thread empties a journal: it is never made to wait for room, and what is logged on it (by a
/// sink's client library, say) must not go into the journal that it empties.
pub(crate) fn drain_here() {
    DRAINS.set(true);
}

/// Whether the current thread empties a journal.
#[inline]
pub(crate) fn drains() -> bool {
    DRAINS.get()
}
