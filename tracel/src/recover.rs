//! Delivering what dead processes have left in a durable folder: for the next start of their service, and for `tracel
//! recover`, which needs no service. What lies in such a folder is said in `durable`.

use crate::{
    Error, Uuid,
    durable::{Dead, Folder},
    encode::complete::Process,
    journal::{Frame, relic::Relic},
    shipper::{self, Announce, Complete, Report, Shipper, Source},
    sink::Address,
    spool::{self, Spool},
};
use std::{
    fmt,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::AcqRel},
    },
    time::{Duration, Instant},
};

/// The longest closing census, in bytes of its JSON: as long as a record may be unless a schema says otherwise.
const LONGEST: usize = 32 << 10;

/// What a dead process has left. It is locked while this lives: no other process delivers it meanwhile.
#[derive(Debug)]
pub struct Left {
    dead: Dead,
}

/// What one sink of a dead process has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The sink's name: its address without credentials. "" for a process that died before it had any.
    pub sink: String,
    /// Records in the journal.
    pub in_journal: u64,
    /// Records that were put on disk because the sink was behind.
    pub spooled: u64,
}

/// Everything that dead processes have left under a folder, and what cannot be read and is left alone. The folder is one
/// that `TRACEL_DIR` names, or a service's or a process's in it. What living processes have there is left out.
///
/// # Errors
/// When the folder cannot be read.
pub fn find(folder: &Path) -> Result<(Vec<Left>, Vec<Error>), Error> {
    let (mut left, mut wrong) = (Vec::new(), Vec::new());
    for folder in Folder::all_under(folder)? {
        let (dead, errors) = folder.dead(None);
        left.extend(dead.into_iter().map(|dead| Left { dead }));
        wrong.extend(errors);
    }
    Ok((left, wrong))
}

impl Left {
    /// The process's service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.dead.relic.identity().service
    }

    /// The process's life.
    #[must_use]
    pub fn instance(&self) -> Uuid {
        self.dead.relic.identity().instance
    }

    /// Which number the process had.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.dead.relic.identity().pid
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dead.relic.path().parent().unwrap_or(Path::new(""))
    }

    /// What its sinks have not acknowledged.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(&self) -> Result<Vec<Open>, Error> {
        let relic = &self.dead.relic;
        let spools = self.dead.spools();
        let one = |slot: Option<usize>, sink: &str| {
            let mut spooled = 0;
            for (_, folder) in spools.iter().filter(|(spool, _)| Some(*spool) == slot) {
                spooled += Spool::open(folder, spool::Options::default())?.left();
            }
            Ok(Open {
                sink: sink.to_owned(),
                in_journal: relic.open_records(slot).map_err(|error| self.unread(error))?,
                spooled,
            })
        };
        let mut open: Vec<Open> = relic
            .readers()
            .map(|(slot, sink)| one(Some(slot), sink))
            .collect::<Result<_, Error>>()?;
        if open.is_empty() {
            open.push(one(None, "")?);
        }
        Ok(open)
    }

    /// Shows its records, each as the line that a sink would get, and delivers none: those that its journal still holds,
    /// acknowledged or not, and those on disk for any of its sinks. So one may be shown several times.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lines(&self, mut each: impl FnMut(&[u8])) -> Result<(), Error> {
        for (_, folder) in self.dead.spools() {
            let mut spool = Spool::open(&folder, spool::Options::default())?;
            spool.read(|entry| {
                each(entry.line);
                ControlFlow::Continue(())
            });
        }
        let identity = self.dead.relic.identity();
        let process = Process::new(&identity.service, identity.instance);
        let mut line = Vec::new();
        let shown = self.dead.relic.reader(None).poll(|frame| {
            if let Frame::Record { lane, seq, payload } = frame {
                line.clear();
                complete(&process, &self.dead.relic, (lane, seq), payload, &mut line);
                if !line.is_empty() {
                    each(&line);
                }
            }
            ControlFlow::Continue(())
        });
        shown.map(|_| ()).map_err(|error| self.unread(error))
    }

    fn unread(&self, error: std::io::Error) -> Error {
        Error::new("what a dead process left cannot be read")
            .at(self.path().display().to_string())
            .because(error)
    }
}

/// Delivers what dead processes have left to sinks of its own.
pub struct Recovery {
    shippers: Vec<Shipper>,
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery")
            .field("sinks", &self.shippers.len())
            .finish_non_exhaustive()
    }
}

impl Recovery {
    /// To these sinks. What they refuse for good is set aside in `folder`.
    ///
    /// # Errors
    /// When a sink cannot be opened.
    pub fn to(sinks: &[Address], folder: &Path) -> Result<Recovery, Error> {
        let shippers = sinks
            .iter()
            .map(|sink| Shipper::recover(sink.open_in(folder)?, shipper::Options::default()))
            .collect::<Result<_, Error>>()?;
        Ok(Recovery { shippers })
    }

    /// Delivers it, in the background: each of its sinks is stood for by the one of the same name, else by the next that
    /// stands for none. When all is acknowledged it is removed. The names of those of its sinks that nobody stands for:
    /// what they have not acknowledged is kept.
    pub fn deliver(&self, left: Left) -> Vec<String> {
        adopt(left.dead, &self.shippers, LONGEST)
    }

    /// Waits until all of it is acknowledged, at most so long: whether it is. Nothing is lost when it is not.
    #[must_use]
    pub fn flush(&self, time: Duration) -> bool {
        shipper::flush_all(&self.shippers, Instant::now() + time)
    }
}

/// Has the shippers deliver what one dead process has left; the sinks that nobody here stands for.
pub(crate) fn adopt(dead: Dead, shippers: &[Shipper], max: usize) -> Vec<String> {
    let names: Vec<String> = shippers.iter().map(|shipper| shipper.name().to_owned()).collect();
    let spools = dead.spools();
    let (heirs, left) = dead.heirs(&names, |slot| has_open(&dead, &spools, slot));
    // One that had no sink yet has all of its records, for each.
    let is_whole = dead.relic.readers().next().is_none();
    let identity = dead.relic.identity();
    let process = Arc::new(Process::new(&identity.service, identity.instance));
    let dead = Arc::new(dead);
    let (mut sources, mut unread): (Vec<(usize, Source)>, usize) = (Vec::new(), 0);
    for (at, heir) in heirs.into_iter().enumerate() {
        if heir.is_none() && !is_whole {
            continue;
        }
        for (_, folder) in spools.iter().filter(|(slot, _)| heir == Some(*slot)) {
            match Spool::open(folder, spool::Options::default()) {
                Ok(spool) => sources.push((at, Source::of_spool(spool))),
                Err(error) => {
                    unread += 1;
                    Report::default().say(&error.to_string());
                }
            }
        }
        sources.push((at, of_journal(&dead, heir, &process, max)));
    }
    // The last one that is done clears up; as long as there is something that nobody reads, nobody does.
    let open = Arc::new(AtomicUsize::new(sources.len() + left.len() + unread));
    for (at, source) in sources {
        let (open, dead) = (Arc::clone(&open), Arc::clone(&dead));
        let source = source.at_end(move || {
            if open.fetch_sub(1, AcqRel) == 1
                && let Err(error) = dead.instance.remove()
            {
                Report::default().say(&format!("a dead process's journal cannot be removed: {error}"));
            }
        });
        shippers[at].adopt(source);
    }
    left.into_iter().map(|(_, sink)| sink).collect()
}

/// Whether one of its sinks lacks anything; what cannot be read may hold something.
fn has_open(dead: &Dead, spools: &[(usize, PathBuf)], slot: usize) -> bool {
    let mut spools = spools.iter().filter(|(spool, _)| *spool == slot);
    dead.relic.is_open(slot).unwrap_or(true)
        || spools.any(|(_, folder)| {
            Spool::open(folder, spool::Options::default()).map_or(true, |spool| spool.left() > 0)
        })
}

/// Appends the line that the dead process would have made of a record.
fn complete(process: &Process, relic: &Relic, (lane, seq): (u32, u64), payload: &[u8], out: &mut Vec<u8>) {
    let defined = |number, show: &mut dyn FnMut(&[u8])| _ = relic.definition(number).map(show);
    process.complete(lane, seq, payload, defined, out);
}

/// What one of its sinks had not acknowledged, completed as the dead process would have, and its closing census.
fn of_journal(dead: &Arc<Dead>, heir: Option<usize>, process: &Arc<Process>, max: usize) -> Source {
    let (completes, announces, closes) = (Arc::clone(process), Arc::clone(process), Arc::clone(process));
    let defines = Arc::clone(&dead.relic);
    // Nothing that stood on a disk is believed: a page of it may be another's.
    let complete: Complete = Arc::new(move |lane, seq, payload, out| {
        let before = out.len();
        complete(&completes, &defines, (lane, seq), payload, out);
        if serde_json::from_slice::<serde_json::Value>(&out[before..]).is_err() {
            out.truncate(before);
        }
    });
    let announce: Announce = Arc::new(move |loss, out| announces.announce(loss, out));
    let relic = Arc::clone(&dead.relic);
    let reader = dead.relic.reader(heir);
    Source::of_relic(reader, complete)
        .announcing(announce)
        .closing(move |made| {
            // A file that cannot be read any more has told so when its records were.
            let lanes: Vec<u64> = relic
                .lanes()
                .unwrap_or_default()
                .iter()
                .map(|lane| lane.next_seq)
                .collect();
            closes.close(&lanes, max, made);
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        durable::{Place, boot},
        journal::{Identity, Options, Pushed},
    };
    use serde_json::Value;
    use std::fs;

    /// As `encode` makes one: behind these bytes of its JSON the shipper puts its keys.
    fn payload(json: &str, keys: u16) -> Vec<u8> {
        let keys = keys.to_le_bytes();
        [&keys, &keys, json.as_bytes()].concat()
    }

    #[test]
    fn what_nobody_stands_for_is_kept_and_what_is_no_record_is_announced() {
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::open(&Place::named(at.path()), "Payment").unwrap();
        let identity = Identity {
            boot: boot(),
            ..Identity::somebody()
        };
        let (instance, journal) = folder.begin(&identity, Options::default()).unwrap();
        let readers = ["kafka://a/logs", "http://b/"].map(|name| journal.reader_named(name).unwrap());
        for json in [r#"{"a":1}"#, r#"{"b":?}"#, r#"{"c":3}"#] {
            assert_eq!(journal.push(&payload(json, 6)), Pushed::Written);
        }
        drop((readers, journal));
        let before = crate::stats().recovered;
        let deliver = |file: &str| {
            let file = at.path().join(file);
            let sink = format!("file://{}", file.display()).parse().unwrap();
            let (mut found, wrong) = find(at.path()).unwrap();
            assert_eq!((found.len(), wrong.len()), (1, 0));
            let recovery = Recovery::to(&[sink], folder.path()).unwrap();
            let left = recovery.deliver(found.remove(0));
            assert!(recovery.flush(Duration::from_secs(20)));
            let lines: Vec<Value> = fs::read_to_string(file)
                .unwrap()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(lines.len(), 4, "{lines:?}");
            assert_eq!((&lines[0]["a"], &lines[2]["c"]), (&1.into(), &3.into()));
            let lost = &lines[1];
            assert_eq!(
                (&lost["event_name"], &lost["seq"]),
                (&"tracel_lost".into(), &1.into())
            );
            assert_eq!(lost["metadata"]["tracel_reason"], "damaged");
            assert_eq!(lines[3]["metadata"]["tracel_end"], "recovered");
            left
        };
        assert_eq!(deliver("one.ndjson"), ["http://b/"]);
        assert!(instance.path().exists(), "one of its sinks has nothing of it");
        assert_eq!(deliver("other.ndjson"), [""; 0]);
        assert!(!instance.path().exists());
        // Others may count beside it.
        assert!(crate::stats().recovered >= before + 4);
    }
}
