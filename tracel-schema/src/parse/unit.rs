//! Quantities written as text: sizes, durations, rates, networks. Pure functions; where they stand and what else is
//! wrong, others know.

use crate::model::Rate;
use std::net::IpAddr;

/// The longest duration: a hundred years.
const LONGEST: u64 = 36_500 * 86_400;

/// `32KiB` in bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// `30d` in seconds.
pub(super) fn duration(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let seconds = number.checked_mul(seconds(unit)?)?;
    (1..=LONGEST).contains(&seconds).then_some(seconds)
}

/// `1000/s`.
pub(super) fn rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let seconds = seconds(unit).filter(|_| unit != "w")?;
    let count = whole(count).filter(|count| *count > 0)?;
    Some(Rate { count, seconds })
}

/// What is wrong with a network in CIDR notation, and what to write.
pub(super) fn network(text: &str) -> Result<(), String> {
    let Some((address, prefix)) = text.split_once('/') else {
        return Err(match text.parse::<IpAddr>() {
            Ok(address) => format!("write {address}/{}", if address.is_ipv4() { 32 } else { 128 }),
            Err(_) => EXAMPLE.to_owned(),
        });
    };
    let address: IpAddr = address.parse().map_err(|_| EXAMPLE)?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = whole(prefix)
        .and_then(|prefix| u32::try_from(prefix).ok())
        .filter(|prefix| *prefix <= bits)
        .ok_or_else(|| format!("let the prefix be between 0 and {bits}"))?;
    let first = match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    };
    match first == address {
        true => Ok(()),
        false => Err(format!("write {first}/{prefix}, the network's first address")),
    }
}

/// Whether a network holds all of another; neither is one, unless [`network`] says so.
pub(crate) fn is_within(inner: &str, outer: &str) -> bool {
    let bits = |text: &str| {
        let (address, prefix) = text.split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        Some(match address.parse().ok()? {
            IpAddr::V4(v4) => (true, u128::from(v4.to_bits()) << 96, prefix),
            IpAddr::V6(v6) => (false, v6.to_bits(), prefix),
        })
    };
    let (Some((inner_v4, inner, longer)), Some((outer_v4, outer, prefix))) = (bits(inner), bits(outer))
    else {
        return false;
    };
    let differing = (inner ^ outer).leading_zeros();
    inner_v4 == outer_v4 && longer >= prefix && differing >= prefix
}

const EXAMPLE: &str = "write it like 10.0.0.0/8 or 2001:db8::/32";

fn seconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    })
}

fn split(text: &str) -> Option<(u64, &str)> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    Some((whole(number)?, unit))
}

/// A whole number without a sign.
fn whole(text: &str) -> Option<u64> {
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("32KiB"), Some(32 << 10));
        assert_eq!(size("1MiB"), Some(1 << 20));
        assert_eq!(size("0B"), Some(0));
        for wrong in [
            "",
            "32",
            "KiB",
            "32 KiB",
            "32kb",
            "-1B",
            "1.5KiB",
            "+1B",
            "18446744073709551615KiB",
        ] {
            assert_eq!(size(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration("90s"), Some(90));
        assert_eq!(duration("2w"), Some(14 * 86_400));
        assert_eq!(duration("36500d"), Some(LONGEST));
        for wrong in [
            "",
            "d",
            "0d",
            "36501d",
            "30 d",
            "1y",
            "30D",
            "999999999999999999w",
            "５d",
        ] {
            assert_eq!(duration(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn rates() {
        let per = |count, seconds| Some(Rate { count, seconds });
        assert_eq!(rate("1000/s"), per(1000, 1));
        assert_eq!(rate("5/m"), per(5, 60));
        assert_eq!(rate("1/d"), per(1, 86_400));
        for wrong in ["", "1000", "/s", "0/s", "1/w", "1/", "1 / s", "-1/s", "1/s/s"] {
            assert_eq!(rate(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn networks_within_others() {
        for (inner, outer, within) in [
            ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.1.0.0/16", false),
            ("11.0.0.0/16", "10.0.0.0/8", false),
            ("11.0.0.0/16", "0.0.0.0/0", true),
            ("10.0.0.1/32", "::/0", false),
            ("2001:db8:1::/48", "2001:db8::/32", true),
            ("2001:db9::/48", "2001:db8::/32", false),
        ] {
            assert_eq!(is_within(inner, outer), within, "{inner} {outer}");
        }
    }

    #[test]
    fn networks() {
        for right in [
            "10.0.0.0/8",
            "0.0.0.0/0",
            "192.168.1.7/32",
            "::/0",
            "2001:db8::/32",
            "::1/128",
        ] {
            assert_eq!(network(right), Ok(()), "{right}");
        }
        for (wrong, way_out) in [
            ("10.1.2.3/8", "write 10.0.0.0/8, the network's first address"),
            (
                "2001:db8::1/32",
                "write 2001:db8::/32, the network's first address",
            ),
            ("10.0.0.0/33", "let the prefix be between 0 and 32"),
            ("10.0.0.0/-1", "let the prefix be between 0 and 32"),
            ("10.0.0.1", "write 10.0.0.1/32"),
            ("::1", "write ::1/128"),
            ("localhost", EXAMPLE),
            ("", EXAMPLE),
            ("10.0.0/8", EXAMPLE),
        ] {
            assert_eq!(network(wrong), Err(way_out.to_owned()), "{wrong}");
        }
    }
}
