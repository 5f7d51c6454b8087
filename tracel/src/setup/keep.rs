//! What a log keeps on disk, so that it survives the process; and what dead processes have kept there, which this one
//! delivers in their place.

pub(super) use super::sync::Syncing;

use super::Wish;
use crate::{
    Error, Uuid,
    durable::{Folder, Instance, Place, boot},
    journal::{self, Identity, Journal},
    record::{time::Moment, uuid7},
    recover::adopt,
    report::Report,
    shipper::Shipper,
    sink::Address,
    spool::{self, Budget},
};
use std::{
    path::{Path, PathBuf},
    process,
    time::{Duration, SystemTime},
};

/// Where a log keeps what must survive the process.
pub(super) struct Durable {
    folder: Folder,
    /// What its journal may take.
    size: usize,
    /// What all of its spools may take.
    budget: Budget,
    /// Nobody asked for it: where it cannot be, a journal in memory does.
    is_optional: bool,
}

impl Durable {
    /// What the sinks need: a folder, where one is named or they write to the network or to files. `None`: they need
    /// none, or beside a file there can be none.
    ///
    /// # Errors
    /// When a sink over the network has no folder that is fit, or the folder that is named is not.
    pub(super) fn choose(wish: &Wish, addresses: &[Address], service: &str) -> Result<Option<Self>, Error> {
        let remote = addresses.iter().find(|address| address.is_network());
        let file = addresses.iter().find_map(Address::file);
        let place = match (&wish.folder, remote, file) {
            (Some(folder), _, _) if wish.is_asked || remote.is_some() || file.is_some() => {
                Place::named(folder)
            }
            (_, Some(remote), _) => Place::of_user().ok_or_else(|| {
                Error::new("there is no folder for the journal: neither XDG_STATE_HOME nor HOME is set")
                    .at(remote.to_string())
                    .help(VOLATILE)
            })?,
            (_, None, Some(file)) => Place::beside(file),
            (_, None, None) => return Ok(None),
        };
        let is_optional = remote.is_none() && wish.folder.is_none();
        let folder = match Folder::open(&place, service) {
            Ok(folder) => folder,
            Err(error) if is_optional => {
                do_without(&error);
                return Ok(None);
            }
            Err(error) => {
                let help = format!("{}, or {VOLATILE}", error.help);
                return Err(error.help(help));
            }
        };
        let wished = wish.spool.unwrap_or_else(|| Budget::default().limit());
        let (size, budget) = shares(place.most(), wished);
        if budget < wished {
            Report::default().say(&format!(
                "{} is in memory: of the {wished} bytes for what sinks are behind with, {budget} are used; with the journal's {size} that is an eighth of what this container has",
                folder.path().display(),
            ));
        }
        Ok(Some(Durable {
            folder,
            size,
            budget: Budget::of(budget),
            is_optional,
        }))
    }

    /// The same for a forked child, which has spools of its own.
    pub(super) fn in_child(&self) -> Self {
        Durable {
            folder: self.folder.clone(),
            size: self.size,
            budget: Budget::of(self.budget.limit()),
            is_optional: self.is_optional,
        }
    }

    /// The service's folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A journal takes no less, wherever it lies: a lane for each of some threads.
const LEAST: usize = 1 << 20;

/// What a journal and all spools beside it may take, of what they may take together and what is wished for the spools. The
/// journal takes all of its bytes at once.
fn shares(most: Option<u64>, wished: u64) -> (usize, u64) {
    let journal::Options { size, chunk, .. } = journal::Options::default();
    let Some(most) = most else {
        return (size, wished);
    };
    let half = usize::try_from(most / 2).unwrap_or(usize::MAX);
    let size = size.min(half / chunk * chunk).max(LEAST);
    (size, wished.min(most.saturating_sub(size as u64)))
}

const VOLATILE: &str =
    "say `.volatile()`: then records that the sink has not taken are lost when the process is killed";

fn do_without(error: &Error) {
    Report::default().say(&format!(
        "{error}; until then the journal is in memory, and what is in it when the process is killed is lost"
    ));
}

/// A process's part of a durable folder.
pub(super) struct Keep {
    folder: Folder,
    budget: Budget,
    instance: Instance,
    service: String,
}

impl Keep {
    /// Begins a process's life in the folder: its journal is there. `None`: it cannot be, and nobody insists.
    ///
    /// # Errors
    /// When it cannot be, and somebody does.
    pub(super) fn begin(
        durable: &Durable,
        service: &str,
        instance: Uuid,
        options: journal::Options,
    ) -> Result<Option<(Keep, Journal)>, Error> {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let identity = Identity {
            instance,
            service: service.to_owned(),
            made: u64::try_from(since.as_nanos()).unwrap_or_default(),
            pid: process::id(),
            boot: boot(),
        };
        let size = durable.size.min(options.size);
        let options = journal::Options { size, ..options };
        let (instance, journal) = match durable.folder.begin(&identity, options) {
            Err(error) if durable.is_optional => {
                do_without(&error);
                return Ok(None);
            }
            begun => begun?,
        };
        let keep = Keep {
            folder: durable.folder.clone(),
            budget: durable.budget.clone(),
            instance,
            service: identity.service,
        };
        Ok(Some((keep, journal)))
    }

    /// Where the sink at this place keeps what it is behind with.
    pub(super) fn spool(&self, slot: usize) -> (PathBuf, spool::Options) {
        let options = spool::Options {
            budget: self.budget.clone(),
            ..spool::Options::default()
        };
        (self.instance.spool(slot), options)
    }

    /// Has the shippers deliver what dead processes of this service have left. What cannot be is told.
    pub(super) fn adopt(&self, shippers: &[Shipper], max: usize) {
        let report = Report::default();
        let (dead, wrong) = self.folder.dead(Some(&self.service));
        for error in wrong {
            report.say(&error.to_string());
        }
        for dead in dead {
            let id = dead.relic.identity().instance;
            for sink in adopt(dead, shippers, max) {
                report.say(&format!(
                    "instance {id} has records for the sink {sink}, which this process has not: they are kept, and `tracel recover {} --sink URL` ships them",
                    self.folder.path().display()
                ));
            }
        }
    }

    /// Has the journal and what lies beside it written through, every so often.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn sync(&self, journal: &Journal, every: Duration) -> Result<Syncing, Error> {
        let folder = self.instance.path().to_owned();
        Syncing::start(journal.clone(), folder, every, Report::default())
    }

    /// Removes what this process kept: every sink has everything.
    pub(super) fn end(&self) {
        if let Err(error) = self.instance.remove() {
            Report::default().say(&format!("a journal that is done with cannot be removed: {error}"));
        }
    }
}

/// A new process's id.
pub(super) fn instance() -> Uuid {
    uuid7(Moment::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_and_its_spools_together_take_no_more_than_they_may() {
        let mib = |n: u64| n << 20;
        assert_eq!(shares(None, mib(1024)), (16 << 20, mib(1024)), "on a disk");
        assert_eq!(shares(Some(mib(64)), mib(1024)), (16 << 20, mib(48)));
        assert_eq!(
            shares(Some(mib(64)), mib(10)),
            (16 << 20, mib(10)),
            "no more than is wished"
        );
        assert_eq!(
            shares(Some(mib(8)), mib(1024)),
            (4 << 20, mib(4)),
            "a container of 64 MiB"
        );
        for most in [0, 1, mib(1), mib(2) + 12_345, mib(32) - 1, u64::MAX] {
            let (size, budget) = shares(Some(most), mib(1024));
            let options = journal::Options {
                size,
                ..journal::Options::default()
            };
            options.layout().expect("it can be made");
            assert!(size as u64 + budget <= most.max(LEAST as u64), "{most}");
        }
    }
}
