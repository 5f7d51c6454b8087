//! `tracel audit`: whether all records that were logged came, and each once. Loss is provable: a lane counts its records,
//! so a number that no record has and no record announces is a lost record. How it is told, `print` knows.

mod book;
mod files;
pub mod print;
mod runs;
mod table;
#[cfg(test)]
mod tests;

use crate::replay::source::Source;
use std::time::Duration;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only the records of so long ago and newer. `None`: in files all, in a table what is inside the shortest retention.
    pub since: Option<Duration>,
    /// A gap counts when what proves it came so long ago: what is younger may be waiting for others on their way. `None`:
    /// a minute in a table, nothing in files.
    pub settle: Option<Duration>,
    /// A record is late when it came more than this after it was logged.
    pub late: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            since: None,
            settle: None,
            late: Duration::from_secs(3600),
        }
    }
}

/// Between what times a gap counts, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// From here on; `None` is from the first record on.
    since: Option<u64>,
    /// Up to here.
    settled: u64,
}

impl Window {
    fn new(now: u64, since: Option<Duration>, settle: Duration) -> Window {
        let before = |time: Duration| now.saturating_sub(time.as_millis().try_into().unwrap_or(u64::MAX));
        Window {
            since: since.map(before),
            settled: before(settle),
        }
    }
}

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// Every instance, by service.
    pub instances: Vec<Instance>,
    /// Records of services that do not count theirs (another language's), and how many came more than once.
    pub uncounted: Vec<Uncounted>,
    /// Records without a request, by where they were logged, the most first.
    pub orphans: Vec<Orphans>,
    /// Records in quarantine, by reason, the most first. `None`: the store has no quarantine.
    pub quarantine: Option<Vec<(String, u64)>>,
    /// Records that came late. `None`: the store does not say when they came.
    pub late: Option<u64>,
    /// Kafka's messages of which nothing is in the store, between others that are there: what `tracel backfill` reads again.
    /// Looked for only when a record is lost.
    pub skipped: Vec<Skipped>,
    /// Lines that are no records, as `file:line: why`.
    pub damaged: Vec<String>,
}

/// One process's life.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    /// Its service.
    pub service: String,
    /// Its id.
    pub instance: String,
    /// Its records, each counted once.
    pub records: u64,
    /// How often a record came once more.
    pub doubled: u64,
    /// Numbers of records that nothing explains: they are lost.
    pub gaps: Vec<Gap>,
    /// Numbers of records that the instance itself says are lost.
    pub announced: Vec<Announced>,
    /// Records that are in quarantine, and not in the table.
    pub quarantined: u64,
    /// How it ended: `clean` or `recovered`. `None`: it runs, or died and was not recovered, so that nobody knows what
    /// followed the last number of each lane.
    pub end: Option<String>,
    /// The last number that is known of each lane, with the lane before it.
    pub tails: Vec<(u64, u64)>,
}

/// Lost records, of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Their lane.
    pub lane: u64,
    /// The first one's number.
    pub first: u64,
    /// The last one's.
    pub last: u64,
}

/// Lost records that were announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Their lane.
    pub lane: u64,
    /// The first number of what was announced.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// How many of these are missing.
    pub count: u64,
    /// Why: `dropped`, `missed`, `refused` or `damaged`.
    pub reason: String,
}

/// Records of a service that does not count them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncounted {
    /// The service.
    pub service: String,
    /// Its records, each counted once.
    pub records: u64,
    /// How often a record came once more.
    pub doubled: u64,
}

/// Messages of which nothing is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Kafka's topic.
    pub topic: String,
    /// The partition.
    pub partition: u64,
    /// The first one's offset.
    pub first: u64,
    /// The last one's.
    pub last: u64,
}

/// Records outside any request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphans {
    /// The service.
    pub service: String,
    /// `file:line`; without one the target, or the module.
    pub place: String,
    /// How many.
    pub count: u64,
}

impl Instance {
    /// Records that are lost without a word.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.gaps
            .iter()
            .map(|gap| (gap.last - gap.first).saturating_add(1))
            .fold(0, u64::saturating_add)
    }

    /// Records that are lost, and were announced.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.announced
            .iter()
            .map(|lost| lost.count)
            .fold(0, u64::saturating_add)
    }
}

impl Audit {
    /// Records that are lost without a word.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.instances
            .iter()
            .map(Instance::lost)
            .fold(0, u64::saturating_add)
    }

    /// Records that are lost, and were announced.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.instances
            .iter()
            .map(Instance::told)
            .fold(0, u64::saturating_add)
    }

    /// How often a record came once more.
    #[must_use]
    pub fn doubled(&self) -> u64 {
        let counted = self.instances.iter().map(|instance| instance.doubled);
        counted
            .chain(self.uncounted.iter().map(|service| service.doubled))
            .sum()
    }

    /// Records, each counted once.
    #[must_use]
    pub fn records(&self) -> u64 {
        let counted = self.instances.iter().map(|instance| instance.records);
        counted
            .chain(self.uncounted.iter().map(|service| service.records))
            .sum()
    }
}

/// Looks through a store.
///
/// # Errors
/// When the store cannot be read.
pub fn audit(source: &Source, options: &Options) -> Result<Audit, String> {
    match source {
        Source::ClickHouse(server) => table::audit(server, options),
        Source::Files(files) => files::audit(&files.ndjson, options),
    }
}
