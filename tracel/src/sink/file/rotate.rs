//! Putting a file aside: `name.ndjson` becomes `name.2026-11-22T11-40-00.123Z.ndjson`, and the oldest of those go.

use crate::sorted::sorted;
use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What files that were put aside are called.
#[derive(Debug)]
pub(super) struct Rotation {
    path: PathBuf,
    folder: PathBuf,
    stem: String,
    extension: String,
    /// The time in the last name, in milliseconds since 1970: names sort in the order in which they were given.
    last: u64,
}

/// The time in a name: digits stand where this has them.
const PATTERN: &str = "0000-00-00T00-00-00.000Z";

impl Rotation {
    pub(super) fn new(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A leading dot begins a name, no extension.
        let dot = name.rfind('.').filter(|&at| at > 0).unwrap_or(name.len());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Rotation {
            path: path.to_owned(),
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            stem: name[..dot].to_owned(),
            extension: name[dot..].to_owned(),
            last: 0,
        }
    }

    /// Renames the file. One that is gone already was put aside by someone else.
    pub(super) fn put_aside(&mut self, now: SystemTime) -> io::Result<()> {
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis() as u64;
        loop {
            self.last = now.max(self.last + 1);
            let aside = self.name(&stamp(self.last));
            // Takes the name first, so that two processes never rename onto one another's file.
            match OpenOptions::new().write(true).create_new(true).open(&aside) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    return match fs::rename(&self.path, &aside) {
                        Ok(()) => Ok(()),
                        Err(error) => {
                            _ = fs::remove_file(&aside);
                            if error.kind() == ErrorKind::NotFound {
                                Ok(())
                            } else {
                                Err(error)
                            }
                        }
                    };
                }
            }
        }
    }

    /// Whether files can be made in the folder at all: better told at the start than when one is full.
    pub(super) fn check(&self) -> io::Result<()> {
        let probe = self
            .folder
            .join(format!("{}.{:016x}.probe", self.stem, fastrand::u64(..)));
        OpenOptions::new().write(true).create_new(true).open(&probe)?;
        fs::remove_file(&probe)
    }

    fn name(&self, time: &str) -> PathBuf {
        self.folder
            .join(format!("{}.{time}{}", self.stem, self.extension))
    }

    /// Removes all but the newest `keep`. What cannot be removed stays for the next time.
    pub(super) fn remove_but(&self, keep: usize) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let aside: Vec<String> = entries
            .filter_map(|entry| self.parse(entry.ok()?.file_name().to_str()?))
            .collect();
        for time in sorted(aside).iter().rev().skip(keep) {
            _ = fs::remove_file(self.name(time));
        }
    }

    /// The time in a name that [`put_aside`](Self::put_aside) gave; `None` for anything else.
    fn parse(&self, name: &str) -> Option<String> {
        let time = name
            .strip_prefix(&self.stem)?
            .strip_prefix('.')?
            .strip_suffix(&self.extension)?;
        let alike = |(byte, pattern): (u8, u8)| {
            if pattern == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == pattern
            }
        };
        (time.len() == PATTERN.len() && time.bytes().zip(PATTERN.bytes()).all(alike)).then(|| time.to_owned())
    }
}

/// The time in UTC, to the millisecond. The date by Howard Hinnant's algorithm `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn stamp(millis: u64) -> String {
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (
        doy - (153 * mp + 2) / 5 + 1,
        if mp < 10 { mp + 3 } else { mp - 9 },
    );
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        assert_eq!(stamp(0), "1970-01-01T00-00-00.000Z");
        assert_eq!(stamp(951_782_400_000 - 1), "2000-02-28T23-59-59.999Z");
        assert_eq!(stamp(951_782_400_000), "2000-02-29T00-00-00.000Z");
        assert_eq!(stamp(1_795_347_600_123), "2026-11-22T11-40-00.123Z");
    }

    #[test]
    fn only_our_own_names() {
        let rotation = Rotation::new(Path::new("/var/log/app.ndjson"));
        let parse = |name| rotation.parse(name);
        let time = "2026-11-22T11-40-00.123Z";
        assert_eq!(
            parse("app.2026-11-22T11-40-00.123Z.ndjson").as_deref(),
            Some(time)
        );
        for other in [
            "app.ndjson",
            "app.2026-11-22.ndjson",
            "app.2026-11-22T11-40-00.123Z.ndjson.gz",
            "app.2026-11-22T11-40-00.123Zx.ndjson",
            "app.2026-11-22T11-40-00.12éZ.ndjson",
            "other.2026-11-22T11-40-00.123Z.ndjson",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
