//! Where durable folders lie, and whether a folder is fit for it.

use crate::Error;
use rustix::{fs::statfs, process::geteuid};
use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// `statfs` calls a file system in memory so (Linux, magic.h).
const TMPFS: i64 = 0x0102_1994;
/// In memory, a journal and its spool may take so much of what the container has.
const SHARE_OF_MEMORY: u64 = 8;

/// A folder under which each service has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    path: PathBuf,
    /// Somebody chose it; otherwise it is where such things usually lie.
    is_named: bool,
}

impl Place {
    /// The one that somebody chose.
    pub(crate) fn named(path: impl Into<PathBuf>) -> Self {
        Place {
            path: path.into(),
            is_named: true,
        }
    }

    /// The user's folder for state (XDG Base Directory Specification), where there is one.
    pub(crate) fn of_user() -> Option<Self> {
        let folder = |name| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
        Some(Place {
            path: state.join("tracel"),
            is_named: false,
        })
    }

    /// Beside a file that is written.
    pub(crate) fn beside(file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new("."));
        Place::named(folder.join(".tracel"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a service's folder here is fit.
    ///
    /// # Errors
    /// When it is not, with the way out.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        let at = || path.display().to_string();
        let unread = |error: std::io::Error| {
            Error::new("the journal's folder cannot be read")
                .at(at())
                .because(error)
        };
        let there = fs::metadata(path).map_err(unread)?;
        if there.uid() != geteuid().as_raw() {
            return Err(Error::new("the journal's folder belongs to another user")
                .at(at())
                .help("name a folder of this user's own by TRACEL_DIR"));
        }
        if there.mode() & 0o022 != 0 {
            return Err(Error::new(
                "others may write to the journal's folder, and so put records into the log",
            )
            .at(at())
            .help(format!("run `chmod 700 {}`", at())));
        }
        let system = statfs(path).map_err(|error| unread(error.into()))?;
        if system.f_type != TMPFS {
            return Ok(());
        }
        if !self.is_named {
            return Err(Error::new("the usual folder for state lies in memory here")
                .at(at())
                .help(
                    "name a folder by TRACEL_DIR: on a disk, or this one, if a journal in memory will do",
                ));
        }
        Ok(())
    }

    /// What spools may take here at most, where it lies in memory: that counts as this process's.
    pub(crate) fn most(&self) -> Option<u64> {
        let system = statfs(&self.path).ok()?;
        (system.f_type == TMPFS)
            .then(memory)
            .flatten()
            .map(|memory| memory / SHARE_OF_MEMORY)
    }
}

/// How much memory this process's control group may have.
fn memory() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
    read("/sys/fs/cgroup/memory.max").or_else(|| read("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
}

/// Which life of the machine this is, as the kernel calls it; nil where it does not say.
pub(crate) fn boot() -> crate::Uuid {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    crate::Uuid::parse_str(text.trim()).unwrap_or_default()
}
