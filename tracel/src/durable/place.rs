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

    /// What a process's journal and its spools may take here at most, where it lies in memory: that counts as this process's.
    pub(crate) fn most(&self) -> Option<u64> {
        let system = statfs(&self.path).ok()?;
        (system.f_type == TMPFS)
            .then(limit_of_memory)
            .flatten()
            .map(|memory| memory / SHARE_OF_MEMORY)
    }
}

/// How much memory this process's control group may have.
fn limit_of_memory() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_else(|_| "0::/\n1:memory:/".to_owned());
    limit_of(Path::new("/sys/fs/cgroup"), &groups)
}

/// The least of what these control groups, and those that they are in, may have, where they are mounted (cgroups(7)). In a
/// container their paths may be the host's: then the mount is the container's own.
fn limit_of(mount: &Path, groups: &str) -> Option<u64> {
    let of_line = |line: &str| {
        let (kinds, group) = line.split_once(':')?.1.split_once(':')?;
        let (mount, file) = match kinds {
            "" => (mount.to_owned(), "memory.max"),
            _ if kinds.split(',').any(|kind| kind == "memory") => {
                (mount.join("memory"), "memory.limit_in_bytes")
            }
            _ => return None,
        };
        let groups = Path::new(group.trim_start_matches('/')).ancestors();
        // Where there is no limit it says `max`.
        let limits = groups.filter_map(|group| {
            fs::read_to_string(mount.join(group).join(file))
                .ok()?
                .trim()
                .parse()
                .ok()
        });
        limits.min()
    };
    groups.lines().filter_map(of_line).min()
}

/// Which life of the machine this is, as the kernel calls it; nil where it does not say.
pub(crate) fn boot() -> crate::Uuid {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    crate::Uuid::parse_str(text.trim()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_memory_may_take_an_eighth_of_it() {
        let most = Place::named("/dev/shm").most();
        assert_eq!(most, limit_of_memory().map(|memory| memory / 8));
        assert_eq!(Place::named("/proc").most(), None, "that lies not in memory");
    }

    #[test]
    fn the_least_limit_of_the_control_groups_holds() {
        let mount = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = mount.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let limit = |groups: &str| limit_of(mount.path(), groups);
        assert_eq!(limit("0::/"), None, "on a machine without");
        write("memory.max", "9000\n");
        assert_eq!(limit("0::/"), Some(9000), "a container's own mount");
        assert_eq!(
            limit("0::/docker/7"),
            Some(9000),
            "the host's path in a container's own mount"
        );
        write("memory.max", "max\n");
        assert_eq!(limit("0::/"), None);
        write("system.slice/a.service/memory.max", "4000\n");
        let service = "1:cpu,cpuacct:/\n0::/system.slice/a.service";
        assert_eq!(limit(service), Some(4000), "a service's");
        write("system.slice/memory.max", "3000\n");
        assert_eq!(limit(service), Some(3000), "what it is in has less");
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("memory/a/memory.limit_in_bytes", "2000\n");
        assert_eq!(
            limit("4:hugetlb,memory:/a\n0::/"),
            Some(2000),
            "the first version's"
        );
        write("memory.max", "1000\n");
        assert_eq!(limit("4:memory:/a\n0::/"), Some(1000), "both");
        assert_eq!(limit("4:memory:/b\n"), Some(9_223_372_036_854_771_712));
        assert_eq!(limit("no group"), None);
    }
}
