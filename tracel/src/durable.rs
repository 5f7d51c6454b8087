//! A service's durable folder: what each of its processes keeps there, and what dead ones have left. Which folder it is
//! is `place`'s to say; what stands in a journal or a spool, theirs.
//!
//! ```text
//! <folder>/<service>/refused.ndjson      what sinks refuse for what it holds
//! <folder>/<service>/<instance>/journal  one process's life
//!                               spool-0  what its first sink is behind with
//! ```

mod place;
#[cfg(test)]
mod tests;

use crate::{
    Error, Uuid,
    journal::{Identity, Journal, Options, relic::Relic},
    sorted::sorted,
};
use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

pub(crate) use place::{Place, boot};

pub(crate) const JOURNAL: &str = "journal";
const UNFINISHED: &str = "journal.new";
const SPOOL: &str = "spool-";
/// A process that has made its folder and not yet its journal has so long.
const BIRTH: Duration = Duration::from_secs(60);

/// The folder of one service.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder of a service at this place, made if need be.
    ///
    /// # Errors
    /// When it cannot be made or written to, others may write to it, or it would lie in memory unasked.
    pub(crate) fn open(place: &Place, service: &str) -> Result<Folder, Error> {
        let path = place.path().join(name_of(service));
        make(&path).map_err(|error| {
            Error::new("the folder for the journal cannot be made")
                .at(path.display().to_string())
                .because(error)
                .help("see to it that the service may write there, or name another folder by TRACEL_DIR")
        })?;
        place.check(&path)?;
        Ok(Folder { path })
    }

    /// All services' folders at this one: it is where they lie, or one of them, or one of their processes'.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn all_under(path: &Path) -> Result<Vec<Folder>, Error> {
        let folder = |path: &Path| Folder {
            path: path.to_owned(),
        };
        if is_instance(path)
            && let Some(parent) = path.parent()
        {
            return Ok(vec![folder(parent)]);
        }
        let entries = fs::read_dir(path).map_err(|error| {
            Error::new("the folder cannot be read")
                .at(path.display().to_string())
                .because(error)
                .help("name the folder that the service has as TRACEL_DIR")
        })?;
        let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        below.retain(|path| path.is_dir());
        if below.iter().any(|path| is_instance(path)) {
            return Ok(vec![folder(path)]);
        }
        Ok(sorted(below).iter().map(|path| folder(path)).collect())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a process's life here.
    ///
    /// # Errors
    /// When the journal cannot be made.
    pub(crate) fn begin(&self, identity: &Identity, options: Options) -> Result<(Instance, Journal), Error> {
        let instance = Instance {
            path: self.path.join(identity.instance.to_string()),
        };
        make(&instance.path).map_err(|error| {
            Error::new("the journal's folder cannot be made")
                .at(instance.path.display().to_string())
                .because(error)
                .help("see to it that the service may write there, or name another folder by TRACEL_DIR")
        })?;
        let journal = Journal::in_file(&instance.path.join(JOURNAL), identity, options);
        if journal.is_err() {
            // Nothing is in it.
            let _ = fs::remove_dir_all(&instance.path);
        }
        Ok((instance, journal?))
    }

    /// What dead processes of this service have left, the oldest first, and what cannot be read and is left alone.
    pub(crate) fn dead(&self, service: Option<&str>) -> (Vec<Dead>, Vec<Error>) {
        let (mut dead, mut wrong) = (Vec::new(), Vec::new());
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let instances: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| is_instance(path))
            .collect();
        // Ids of version 7 begin with the time.
        for path in sorted(instances) {
            let instance = Instance { path };
            match instance.find(service) {
                Ok(Some(found)) => dead.push(found),
                Ok(None) => {}
                Err(error) => wrong.push(error),
            }
        }
        (dead, wrong)
    }
}

/// Where one process keeps what must survive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    path: PathBuf,
}

impl Instance {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of what the sink at this place of the journal's readers is behind with.
    pub(crate) fn spool(&self, slot: usize) -> PathBuf {
        self.path.join(format!("{SPOOL}{slot}"))
    }

    /// Removes all of it: each sink has everything.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn find(self, service: Option<&str>) -> Result<Option<Dead>, Error> {
        let journal = self.path.join(JOURNAL);
        if !journal.exists() {
            self.remove_stillborn();
            return Ok(None);
        }
        let Some(relic) = Relic::open(&journal)? else {
            return Ok(None);
        };
        let whose = &relic.identity().service;
        if service.is_some_and(|service| service != whose) {
            return Err(
                Error::new(format!("this is a journal of another service, `{whose}`"))
                    .at(journal.display().to_string())
                    .help("it is left as it is: ship it by `tracel recover`"),
            );
        }
        let relic = Arc::new(relic);
        Ok(Some(Dead {
            instance: self,
            relic,
        }))
    }

    /// Removes the folder of a process that died before it had a journal.
    fn remove_stillborn(&self) {
        let age = fs::metadata(&self.path)
            .and_then(|folder| folder.modified())
            .map(|made| SystemTime::now().duration_since(made).unwrap_or_default());
        if age.is_ok_and(|age| age > BIRTH) {
            // There is nothing in it but what was never a journal: when it stays, it costs nothing but its place.
            let _ = fs::remove_file(self.path.join(UNFINISHED));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// What a dead process has left. Nobody else reads it meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Dead {
    pub(crate) instance: Instance,
    pub(crate) relic: Arc<Relic>,
}

impl Dead {
    /// The spools of its sinks: their places among the journal's readers, and their folders.
    pub(crate) fn spools(&self) -> Vec<(usize, PathBuf)> {
        let entries = fs::read_dir(&self.instance.path).into_iter().flatten().flatten();
        let spools: Vec<_> = entries
            .filter_map(|entry| {
                let slot = entry.file_name().to_str()?.strip_prefix(SPOOL)?.parse().ok()?;
                Some((slot, entry.path()))
            })
            .collect();
        sorted(spools)
    }

    /// Which of its readers each of these sinks goes on with: the one of its name, else the next that nobody has, first of
    /// those for which `is_open` says that something is left. The places of those with something left that nobody has
    /// come second.
    pub(crate) fn heirs(
        &self,
        sinks: &[String],
        is_open: impl Fn(usize) -> bool,
    ) -> (Vec<Option<usize>>, Vec<(usize, String)>) {
        let mut left: Vec<(usize, &str)> = self.relic.readers().collect();
        let mut heirs: Vec<Option<usize>> = sinks
            .iter()
            .map(|sink| {
                let at = left.iter().position(|(_, name)| name == sink)?;
                Some(left.remove(at).0)
            })
            .collect();
        let (mut open, mut done): (Vec<_>, Vec<_>) = left.into_iter().partition(|&(slot, _)| is_open(slot));
        for heir in heirs.iter_mut().filter(|heir| heir.is_none()) {
            let next = [&mut open, &mut done].into_iter().find(|left| !left.is_empty());
            *heir = next.map(|left| left.remove(0).0);
        }
        let open = open.into_iter().map(|(slot, name)| (slot, name.to_owned()));
        (heirs, open.collect())
    }
}

/// Whether a folder is called like a process's.
fn is_instance(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| Uuid::parse_str(name).is_ok())
}

/// Makes a folder for this user alone, and those that it lies in.
fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A service's name, as a folder's: letters, digits, `-`, `_` and `.` as they are, other bytes as `%2F`.
fn name_of(service: &str) -> String {
    let mut name = String::new();
    for byte in service.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            b'.' if !name.is_empty() => name.push('.'),
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    name.truncate(200);
    name
}
