//! RFC 3339 in UTC with nanoseconds. The date and time of the last second written is kept for each
//! thread, since most records share it with the one before.

use super::short;
use std::{
    cell::Cell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The length of `"2026-11-22T11:40:00.123456789Z"`.
pub(crate) const LEN: usize = 32;

/// The length of `2026-11-22T11:40:00`.
const SECOND: usize = 19;

thread_local! {
    static LAST: Cell<(i64, [u8; LEN])> = const { Cell::new((i64::MIN, [0; LEN])) };
}

/// A moment as records write it: a record asks for its own twice, and the way from a [`SystemTime`] is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Since 1970, negative before it.
    seconds: i64,
    nanoseconds: u32,
}

impl Moment {
    pub(crate) const EPOCH: Moment = Moment {
        seconds: 0,
        nanoseconds: 0,
    };

    /// So many nanoseconds later, within the same second.
    #[inline(always)]
    pub(crate) fn later(self, nanoseconds: u32) -> Self {
        debug_assert!(u64::from(nanoseconds) < self.left_of_second());
        Moment {
            nanoseconds: self.nanoseconds + nanoseconds,
            ..self
        }
    }

    /// Seconds since 1970, negative before it, and nanoseconds.
    #[inline(always)]
    pub(crate) fn parts(self) -> (i64, u32) {
        (self.seconds, self.nanoseconds)
    }

    /// The moment of these parts, if it is one.
    #[inline(always)]
    pub(crate) fn of_parts(seconds: i64, nanoseconds: u32) -> Option<Self> {
        (nanoseconds < 1_000_000_000).then_some(Moment { seconds, nanoseconds })
    }

    /// Nanoseconds until the next second begins.
    pub(crate) fn left_of_second(self) -> u64 {
        u64::from(1_000_000_000 - self.nanoseconds)
    }

    /// By the C library's clock where there is one: a `SystemTime` can only be asked how far it is from another, which takes
    /// 60 instructions.
    #[inline(always)]
    pub(crate) fn now() -> Self {
        #[cfg(target_os = "linux")]
        {
            let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
            Moment {
                seconds: now.tv_sec,
                // Below a thousand million, says POSIX.
                nanoseconds: now.tv_nsec as u32,
            }
        }
        #[cfg(not(target_os = "linux"))]
        SystemTime::now().into()
    }

    /// Whether RFC 3339 can write it, which has years of four digits.
    #[inline(always)]
    pub(crate) fn has_text(self) -> bool {
        // 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
        (-62_167_219_200..=253_402_300_799).contains(&self.seconds)
    }

    /// Since 1970, for a UUIDv7; 0 before it.
    #[inline(always)]
    pub(crate) fn milliseconds(self) -> u64 {
        let part = i64::from(self.nanoseconds / 1_000_000);
        // Of 48 bits, which last until the year 10889, a UUIDv7 has them; what comes after begins anew.
        self.seconds.wrapping_mul(1_000).wrapping_add(part).max(0) as u64
    }
}

impl From<SystemTime> for Moment {
    #[inline(always)]
    fn from(at: SystemTime) -> Self {
        match at.duration_since(UNIX_EPOCH) {
            Ok(after) => Moment {
                seconds: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                nanoseconds: after.subsec_nanos(),
            },
            Err(before) => before_epoch(before.duration()),
        }
    }
}

#[cold]
fn before_epoch(before: Duration) -> Moment {
    let seconds = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
    let (seconds, nanoseconds) = match before.subsec_nanos() {
        0 => (-seconds, 0),
        nanoseconds => (-seconds - 1, 1_000_000_000 - nanoseconds),
    };
    Moment { seconds, nanoseconds }
}

/// Appends `at` as a JSON string; a year that RFC 3339 cannot write (before 0, after 9999) as null.
#[inline]
pub(crate) fn moment(out: &mut Vec<u8>, at: Moment) {
    if !at.has_text() {
        return out.extend_from_slice(b"null");
    }
    // The second that is kept is that of the thread's records.
    let mut text = second(at.seconds);
    fraction(at.nanoseconds, &mut text);
    out.extend_from_slice(&text);
}

/// Writes a moment that [has a text](Moment::has_text) as a JSON string.
#[inline(always)]
pub(crate) fn write(at: Moment, text: &mut [u8; LEN]) {
    let Moment { seconds, nanoseconds } = at;
    // It has nothing to be dropped, so a thread that is ending still has it.
    if LAST.get().0 != seconds {
        next_second(seconds);
    }
    *text = LAST.get().1;
    fraction(nanoseconds, text);
}

/// Writes a moment's nine digits behind its second.
#[inline(always)]
fn fraction(nanoseconds: u32, text: &mut [u8; LEN]) {
    text[SECOND + 2] = b'0' + (nanoseconds / 100_000_000) as u8;
    let digits = short::digits(nanoseconds % 100_000_000) | 0x3030_3030_3030_3030;
    text[SECOND + 3..SECOND + 11].copy_from_slice(&digits.to_le_bytes());
}

/// Keeps the text of a second for all in it.
#[cold]
#[inline(never)]
fn next_second(seconds: i64) {
    LAST.set((seconds, second(seconds)));
}

fn second(seconds: i64) -> [u8; LEN] {
    let mut text = *b"\"0000-00-00T00:00:00.000000000Z\"";
    text[1..=SECOND].copy_from_slice(&civil(seconds));
    text
}

/// The date by Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>).
fn civil(seconds: i64) -> [u8; SECOND] {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);

    let mut text = *b"0000-00-00T00:00:00";
    let mut put = |at: usize, len: usize, mut value: i64| {
        for digit in text[at..at + len].iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
    };
    put(0, 4, year);
    put(5, 2, month);
    put(8, 2, day);
    put(11, 2, second / 3_600);
    put(14, 2, second / 60 % 60);
    put(17, 2, second % 60);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(at: SystemTime) -> String {
        let mut out = Vec::new();
        moment(&mut out, at.into());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn known_moments() {
        let after = |seconds, nanoseconds| UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        assert_eq!(text(UNIX_EPOCH), "\"1970-01-01T00:00:00.000000000Z\"");
        assert_eq!(
            text(after(1_795_347_600, 123_456_789)),
            "\"2026-11-22T11:40:00.123456789Z\""
        );
        assert_eq!(
            text(after(951_782_399, 999_999_999)),
            "\"2000-02-28T23:59:59.999999999Z\""
        );
        assert_eq!(text(after(951_782_400, 0)), "\"2000-02-29T00:00:00.000000000Z\"");
        assert_eq!(
            text(after(253_402_300_799, 0)),
            "\"9999-12-31T23:59:59.000000000Z\""
        );
        assert_eq!(text(after(253_402_300_800, 0)), "null");
    }

    #[test]
    fn a_field_of_another_second_leaves_the_threads_own_as_it_is() {
        let at = Moment::now();
        let mut own = [0; LEN];
        write(at, &mut own);
        let mut field = Vec::new();
        moment(&mut field, Moment::EPOCH);
        assert_eq!(field, b"\"1970-01-01T00:00:00.000000000Z\"");
        assert_eq!(LAST.get().0, at.seconds);
    }

    #[test]
    fn before_1970() {
        assert_eq!(
            text(UNIX_EPOCH - Duration::new(0, 1)),
            "\"1969-12-31T23:59:59.999999999Z\""
        );
        assert_eq!(
            text(UNIX_EPOCH - Duration::new(86_400, 0)),
            "\"1969-12-31T00:00:00.000000000Z\""
        );
        assert_eq!(
            text(UNIX_EPOCH - Duration::from_secs(62_167_219_200)),
            "\"0000-01-01T00:00:00.000000000Z\""
        );
        assert_eq!(text(UNIX_EPOCH - Duration::from_secs(62_167_219_201)), "null");
    }
}
