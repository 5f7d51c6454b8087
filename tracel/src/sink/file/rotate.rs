//! Putting a file aside: `name.ndjson` becomes `name.2026-11-22T11-40-00.123Z.ndjson`, and the oldest of those go.

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
        }
    }

    /// Renames the file. One that is gone already was put aside by someone else.
    pub(super) fn put_aside(&self, now: SystemTime) -> io::Result<()> {
        let (stem, time, extension) = (&self.stem, stamp(now), &self.extension);
        for n in 0.. {
            let number = if n == 0 { String::new() } else { format!("-{n}") };
            let aside = self.folder.join(format!("{stem}.{time}{number}{extension}"));
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
        Ok(())
    }

    /// Removes all but the newest `keep`. What cannot be removed stays for the next time.
    pub(super) fn remove_but(&self, keep: usize) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let mut aside: Vec<(String, usize)> = entries
            .filter_map(|entry| self.parse(entry.ok()?.file_name().to_str()?))
            .collect();
        aside.sort();
        for (time, number) in aside.iter().rev().skip(keep) {
            let number = if *number == 0 {
                String::new()
            } else {
                format!("-{number}")
            };
            let (stem, extension) = (&self.stem, &self.extension);
            _ = fs::remove_file(self.folder.join(format!("{stem}.{time}{number}{extension}")));
        }
    }

    /// The time and number of a name that [`put_aside`](Self::put_aside) gave; `None` for anything else.
    fn parse(&self, name: &str) -> Option<(String, usize)> {
        let rest = name
            .strip_prefix(&self.stem)?
            .strip_prefix('.')?
            .strip_suffix(&self.extension)?;
        let (time, number) = rest.split_at_checked(PATTERN.len())?;
        let alike = |(byte, pattern): (u8, u8)| {
            if pattern == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == pattern
            }
        };
        if !time.bytes().zip(PATTERN.bytes()).all(alike) {
            return None;
        }
        let number = match number.strip_prefix('-') {
            None if number.is_empty() => 0,
            None => return None,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|n: &usize| *n > 0 && n.to_string() == digits)?,
        };
        Some((time.to_owned(), number))
    }
}

/// The time in UTC, to the millisecond. The date by Howard Hinnant's algorithm `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn stamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
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
    let millis = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn stamps() {
        let at = |secs| stamp(SystemTime::UNIX_EPOCH + Duration::from_millis(secs));
        assert_eq!(at(0), "1970-01-01T00-00-00.000Z");
        assert_eq!(at(951_782_400_000 - 1), "2000-02-28T23-59-59.999Z");
        assert_eq!(at(951_782_400_000), "2000-02-29T00-00-00.000Z");
        assert_eq!(at(1_795_347_600_123), "2026-11-22T11-40-00.123Z");
    }

    #[test]
    fn only_our_own_names() {
        let rotation = Rotation::new(Path::new("/var/log/app.ndjson"));
        let parse = |name| rotation.parse(name);
        assert_eq!(
            parse("app.2026-11-22T11-40-00.123Z.ndjson"),
            Some(("2026-11-22T11-40-00.123Z".into(), 0))
        );
        assert_eq!(
            parse("app.2026-11-22T11-40-00.123Z-12.ndjson"),
            Some(("2026-11-22T11-40-00.123Z".into(), 12))
        );
        for other in [
            "app.ndjson",
            "app.2026-11-22.ndjson",
            "app.2026-11-22T11-40-00.123Z.ndjson.gz",
            "app.2026-11-22T11-40-00.123Zx.ndjson",
            "app.2026-11-22T11-40-00.123Z-012.ndjson",
            "app.2026-11-22T11-40-00.123Z-.ndjson",
            "app.2026-11-22T11-40-00.12éZ.ndjson",
            "other.2026-11-22T11-40-00.123Z.ndjson",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
