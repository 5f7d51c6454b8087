//! Points in time as records have them: RFC 3339 in, nanoseconds since 1970; and how a span of time is told to people.

use std::fmt;

/// Nanoseconds since 1970 in UTC.
pub type Nanos = i128;

/// Reads RFC 3339 (`2026-11-22T11:40:00.123456789Z`), also with a blank in place of the T and without an offset, as
/// ClickHouse writes it.
#[must_use]
pub fn parse(text: &str) -> Option<Nanos> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let digits = rest.get(..end.min(9)).filter(|digits| !digits.is_empty())?;
            (format!("{digits:0<9}").parse::<i128>().ok()?, &rest[end..])
        }
        None => (0, rest),
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - seconds_of(offset)?;
    Some(i128::from(seconds) * 1_000_000_000 + fraction)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        part.bytes()
            .all(|c| c.is_ascii_digit())
            .then(|| part.parse().ok())
            .flatten()
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// An offset from UTC: none, `Z`, or `+02:00`.
fn seconds_of(offset: &str) -> Option<i64> {
    if offset.is_empty() || offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match offset.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let number = |text: &str| text.parse::<u8>().ok().map(i64::from);
    Some(sign * (number(hours)? * 3600 + number(minutes)? * 60))
}

/// Days since 1970 of a date of the Gregorian calendar: `days_from_civil` of
/// <https://howardhinnant.github.io/date_algorithms.html>.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A span of time for people: `820ns`, `12.3µs`, `4.56ms`, `1.234s`, `2m05s`.
#[must_use]
pub fn human(nanos: Nanos) -> impl fmt::Display {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let as_unit = |unit: f64| nanos as f64 / unit;
    match nanos {
        0..1_000 => format!("{sign}{nanos}ns"),
        1_000..1_000_000 => format!("{sign}{:.1}µs", as_unit(1e3)),
        1_000_000..1_000_000_000 => format!("{sign}{:.2}ms", as_unit(1e6)),
        1_000_000_000..60_000_000_000 => format!("{sign}{:.3}s", as_unit(1e9)),
        _ => {
            let seconds = nanos / 1_000_000_000;
            format!("{sign}{}m{:02}s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{human, parse};

    #[test]
    fn times_are_read() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            parse("2026-11-22T11:40:00.123456789Z"),
            Some(1_795_347_600_123_456_789)
        );
        assert_eq!(
            parse("2026-11-22 11:40:00.123456789"),
            Some(1_795_347_600_123_456_789)
        );
        assert_eq!(
            parse("2026-11-22T13:40:00.1234567891+02:00"),
            Some(1_795_347_600_123_456_789)
        );
        assert_eq!(parse("2026-11-22T11:40:00.5Z"), Some(1_795_347_600_500_000_000));
        assert_eq!(parse("1969-12-31T23:59:59.999999999Z"), Some(-1));
        assert_eq!(parse("2000-02-29T00:00:00Z"), Some(951_782_400_000_000_000));
        for wrong in [
            "",
            "x",
            "2026-11-22",
            "2026-11-22T11:40",
            "2026-13-22T11:40:00Z",
            "2026-11-22T11:40:00.Z",
            "2026-11-22T11:40:00+2",
            "+026-11-22T11:40:00Z",
            "é026-11-22T11:40:00Z",
            "2026-11-22T11:40:00é",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn spans_of_time_are_told() {
        for (nanos, text) in [
            (0, "0ns"),
            (12_345, "12.3µs"),
            (4_560_000, "4.56ms"),
            (-1_234_000_000, "-1.234s"),
            (125_000_000_000, "2m05s"),
        ] {
            assert_eq!(human(nanos).to_string(), text);
        }
    }
}
