//! Sizes and durations as people write them in addresses and variables: `100MiB`, `5s`. Not the schema's.

use crate::Error;
use std::time::Duration;

/// A number of bytes: `4096`, `64KiB`, `100MiB`, `2GiB`, also `kB`, `MB`, `GB` in powers of ten.
///
/// # Errors
/// When it is none, is zero, or does not fit.
pub(crate) fn size(text: &str) -> Result<u64, Error> {
    const UNITS: &[(&str, u64)] = &[
        ("", 1),
        ("B", 1),
        ("kB", 1000),
        ("KB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    let wrong = || Error::new(format!("`{text}` is no size")).help("write it like 64KiB, 100MiB or 2GiB");
    number(text, UNITS).filter(|&bytes| bytes > 0).ok_or_else(wrong)
}

/// A duration: `200ms`, `5s`, `10m`, `12h`, `7d`.
///
/// # Errors
/// When it is none, is zero, or does not fit.
pub(crate) fn duration(text: &str) -> Result<Duration, Error> {
    const UNITS: &[(&str, u64)] = &[
        ("ms", 1),
        ("s", 1000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    let wrong =
        || Error::new(format!("`{text}` is no duration")).help("write it like 200ms, 5s, 10m, 12h or 7d");
    number(text, UNITS)
        .filter(|&millis| millis > 0)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

fn number(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("4096").unwrap(), 4096);
        assert_eq!(size("100MiB").unwrap(), 100 << 20);
        assert_eq!(size("2 GB").unwrap(), 2_000_000_000);
        for bad in [
            "",
            "MiB",
            "0",
            "-1",
            "1.5MiB",
            "100mib",
            "99999999999999999999",
            "99999999999999GiB",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration("200ms").unwrap(), Duration::from_millis(200));
        assert_eq!(duration("7d").unwrap(), Duration::from_secs(7 * 86400));
        for bad in ["", "s", "5", "0s", "5 seconds", "1e3s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
