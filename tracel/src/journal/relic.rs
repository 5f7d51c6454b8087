//! What a dead process has left in its journal's file: opening it, and reading on where each of its readers stood.
//! The file is read like any other, not mapped, and nothing in it is believed before `walk` has looked at it.

mod map;
#[cfg(test)]
mod tests;
mod walk;

use super::{
    Frame, Lane, definitions,
    file::Locked,
    identity::{self, Identity, Unread},
    layout::{Layout, READERS, cursor},
};
use crate::Error;
use map::Map;
use std::{
    fs,
    io::{self, Read},
    ops::ControlFlow,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use walk::{Step, Walk};

/// A dead process's journal. It is locked: no other process reads it meanwhile.
#[derive(Debug)]
pub struct Relic {
    path: PathBuf,
    locked: Locked,
    identity: Identity,
    layout: Layout,
    names: [Option<String>; READERS],
    /// Read with the first look at its records.
    definitions: OnceLock<Vec<u8>>,
}

impl Relic {
    /// Opens the file at `path`; `None` when its process lives, or another one reads it.
    ///
    /// # Errors
    /// When it cannot be read, is no journal, or was made by another version or on a machine with another byte order.
    /// It is left as it is then.
    pub fn open(path: &Path) -> Result<Option<Relic>, Error> {
        let failed = |error: io::Error| {
            Error::new("a journal cannot be read")
                .at(path.display().to_string())
                .because(error)
                .help("see to it that this user may read and write it")
        };
        let Some(locked) = Locked::open(path).map_err(failed)? else {
            return Ok(None);
        };
        let mut page = vec![0; identity::PAGE];
        let filled = read_up_to(&locked.file, &mut page, 0).map_err(failed)?;
        let first = Identity::read(&page[..filled]);
        let len = locked.file.metadata().map_err(failed)?.len();
        let (identity, layout) = match first {
            Err(Unread::Damaged) if len >= identity::PAGE as u64 => {
                // It stands at the end as well.
                let mut last = vec![0; identity::PAGE];
                let at = len - identity::PAGE as u64;
                let filled = read_up_to(&locked.file, &mut last, at).map_err(failed)?;
                let second = Identity::read(&last[..filled]);
                if second.is_ok() {
                    page = last;
                }
                second
            }
            first => first,
        }
        .map_err(|why| why.explain(path))?;
        Ok(Some(Relic {
            path: path.to_owned(),
            locked,
            identity,
            layout,
            names: identity::names(&page),
            definitions: OnceLock::new(),
        }))
    }

    /// The same by another handle of its file: for tests of disks that fail.
    #[cfg(test)]
    pub(crate) fn by(mut self, file: fs::File) -> Self {
        self.locked.file = file;
        self
    }

    /// Whose it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The readers that it had: their places and names.
    pub fn readers(&self) -> impl Iterator<Item = (usize, &str)> {
        let names = self.names.iter().enumerate();
        names.filter_map(|(slot, name)| Some((slot, name.as_deref()?)))
    }

    /// Reads on where the reader at this place stood; without a place, all that there is.
    #[must_use]
    pub fn reader(self: &Arc<Self>, slot: Option<usize>) -> Reader {
        Reader {
            relic: Arc::clone(self),
            slot: slot.filter(|&slot| slot < READERS),
            open: None,
            is_done: false,
            moved: Vec::new(),
            records: 0,
        }
    }

    /// Each lane's count, in order of their numbers: what its process had given out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn lanes(&self) -> io::Result<Vec<Lane>> {
        let map = self.map()?;
        let mut lanes: Vec<Lane> = (0..self.layout.lanes)
            .map(|lane| walk::count(&map, lane))
            .collect();
        while lanes.last().is_some_and(|lane| lane.next_seq == 0) {
            lanes.pop();
        }
        Ok(lanes)
    }

    /// How many records this reader has not acknowledged.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_records(&self, slot: Option<usize>) -> io::Result<u64> {
        let map = self.map()?;
        let open = (0..self.layout.lanes).map(|lane| {
            let mut walk = Walk::new(&map, lane, slot);
            std::iter::from_fn(|| walk.next(&map))
                .filter(|step| matches!(step, Step::Record { .. }))
                .count() as u64
        });
        Ok(open.sum())
    }

    /// Whether there is anything that this reader has not acknowledged: a record, or a loss to be told of.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_open(&self, slot: usize) -> io::Result<bool> {
        let map = self.map()?;
        Ok((0..self.layout.lanes).any(|lane| Walk::new(&map, lane, Some(slot)).next(&map).is_some()))
    }

    /// Removes the file: nobody needs anything of it any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn map(&self) -> io::Result<Map> {
        let mut bytes = Vec::with_capacity(self.layout.len());
        let len = self.layout.len() as u64;
        io::Seek::rewind(&mut &self.locked.file)?;
        (&self.locked.file).take(len).read_to_end(&mut bytes)?;
        let (start, len) = self.layout.definitions;
        self.definitions.get_or_init(|| {
            let area = bytes.get(start..).unwrap_or_default();
            area.get(..len).unwrap_or(area).to_owned()
        });
        Ok(Map::new(bytes, self.layout))
    }

    /// What a record names by this number, if it is sound. Known once a record was shown.
    #[must_use]
    pub fn definition(&self, number: u32) -> Option<&[u8]> {
        definitions::find(self.definitions.get()?, number)
    }
}

impl Unread {
    fn explain(self, path: &Path) -> Error {
        let (what, help) = match self {
            Unread::Damaged => (
                "this is no journal, or its first and its last page are damaged".to_owned(),
                "it is left as it is: remove it if it is none, or look into it by hand",
            ),
            Unread::OtherOrder => (
                "this journal was made on a machine with another byte order".to_owned(),
                "it is left as it is: run `tracel recover` on such a machine",
            ),
            Unread::OtherVersion(version) => (
                format!("this journal has the format {version} of another version of TraceL"),
                "it is left as it is: start the service, or `tracel recover`, with that version",
            ),
        };
        Error::new(what).at(path.display().to_string()).help(help)
    }
}

/// The reading end of a [`Relic`], for one sink. It has the file in memory from its first poll until it is dry.
pub struct Reader {
    relic: Arc<Relic>,
    slot: Option<usize>,
    open: Option<Open>,
    is_done: bool,
    moved: Vec<(u32, u64)>,
    records: u64,
}

struct Open {
    map: Map,
    walks: Vec<Walk>,
    at: usize,
}

/// What a [`Reader`] was shown, to be acknowledged.
#[derive(Debug)]
pub struct Mark {
    /// Lanes, and their cursors.
    places: Vec<(u32, u64)>,
    records: u64,
}

impl Mark {
    /// How many records lie before it, since the mark before.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }
}

impl Reader {
    /// Shows what is left, lane by lane, until `f` breaks (what it was shown last counts as read) or nothing is left.
    /// Returns how many frames it showed.
    ///
    /// # Errors
    /// When the file cannot be read. Nothing is lost by that: the next poll tries again.
    pub fn poll(&mut self, mut f: impl FnMut(Frame<'_>) -> ControlFlow<()>) -> io::Result<usize> {
        if self.is_done {
            return Ok(0);
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed => {
                let map = self.relic.map()?;
                let lanes = 0..self.relic.layout.lanes;
                let walks = lanes.map(|lane| Walk::new(&map, lane, self.slot)).collect();
                closed.insert(Open { map, walks, at: 0 })
            }
        };
        let mut shown = 0;
        while let Some(walk) = open.walks.get_mut(open.at) {
            let lane = walk.lane();
            let Some(step) = walk.next(&open.map) else {
                open.at += 1;
                continue;
            };
            shown += 1;
            let place = cursor(walk.chunk(), walk.off());
            match self.moved.last_mut() {
                Some(last) if last.0 == lane => last.1 = place,
                _ => self.moved.push((lane, place)),
            }
            let frame = match step {
                Step::Record { seq, at, len } => {
                    self.records += 1;
                    let payload = open.map.bytes(at, len);
                    Frame::Record { lane, seq, payload }
                }
                Step::Gap { seq, count } => Frame::Gap { lane, seq, count },
                Step::Damaged { seq, count } => Frame::Damaged { lane, seq, count },
            };
            if f(frame).is_break() {
                return Ok(shown);
            }
        }
        self.is_done = true;
        self.open = None;
        Ok(shown)
    }

    /// Whether it has shown all.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.is_done
    }

    /// Everything that was shown since the last mark, to be acknowledged.
    pub fn mark(&mut self) -> Mark {
        Mark {
            places: std::mem::take(&mut self.moved),
            records: std::mem::take(&mut self.records),
        }
    }

    /// Moves the cursors in the file, so that a recovery that is cut short goes on from there.
    ///
    /// # Errors
    /// When the file cannot be written: then what follows the last mark would be sent a second time.
    pub fn ack(&mut self, mark: &Mark) -> io::Result<()> {
        let Some(slot) = self.slot else {
            return Ok(());
        };
        for &(lane, place) in &mark.places {
            let at = self.relic.layout.cursor(slot, lane) as u64;
            self.relic.locked.file.write_all_at(&place.to_ne_bytes(), at)?;
        }
        Ok(())
    }
}

fn read_up_to(file: &fs::File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
