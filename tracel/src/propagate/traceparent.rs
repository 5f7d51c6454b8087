//! The headers `traceparent` and `tracestate` of the W3C's Trace Context (<https://www.w3.org/TR/trace-context/>).

use uuid::Uuid;

/// What a tracestate may hold (section 3.3.1.1): a vendor that gets more may drop it whole.
const LONGEST_STATE: usize = 512;
const STATE_MEMBERS: usize = 32;

/// A traceparent of version 00. The log takes every record; the flag speaks to tracing systems beside it.
pub(super) fn write(event_id: Uuid, span_id: u64, sampled: bool) -> String {
    format!(
        "00-{}-{span_id:016x}-{:02x}",
        event_id.simple(),
        u8::from(sampled)
    )
}

/// The trace-id, the parent-id and whether the trace is sampled, of a traceparent of version 00, or of a later one, which may go on after another dash.
pub(super) fn read(text: &str) -> Option<(Uuid, u64, bool)> {
    let bytes = text.as_bytes();
    let (version, rest) = (hex(bytes.get(..2)?)?, bytes.get(55..)?);
    let dashes = bytes[2] == b'-' && bytes[35] == b'-' && bytes[52] == b'-';
    let length = rest.is_empty() || (version != 0 && rest[0] == b'-');
    if version == 0xff || !dashes || !length {
        return None;
    }
    let sampled = hex(&bytes[53..55])? & 1 == 1;
    let event_id = Uuid::from_u128(hex(&bytes[3..35])?);
    let span_id = u64::try_from(hex(&bytes[36..52])?).ok()?;
    (!event_id.is_nil() && span_id != 0).then_some((event_id, span_id, sampled))
}

/// Whether a tracestate may be handed on as it came. What its members mean is their vendors' business.
pub(super) fn is_state(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    printable && text.len() <= LONGEST_STATE && text.split(',').count() <= STATE_MEMBERS && text.contains('=')
}

/// Digits in lower case only, as the standard says.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value, &digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn the_standards_example_is_read() {
        let (event_id, span_id, sampled) = read(&format!("00-{ID}-b7ad6b7169203331-01")).expect("valid");
        assert_eq!(event_id.simple().to_string(), ID);
        assert_eq!(span_id, 0xb7ad_6b71_6920_3331);
        assert!(read(&format!("cc-{ID}-b7ad6b7169203331-01-what-comes")).is_some());
        assert!(sampled);
        // Of the flags the lowest bit alone is read: another one may be set by whoever draws random ids.
        for (flags, expected) in [("00", false), ("02", false), ("03", true), ("ff", true)] {
            let (.., sampled) = read(&format!("00-{ID}-b7ad6b7169203331-{flags}")).expect("valid");
            assert_eq!(sampled, expected, "{flags}");
        }
        assert_eq!(
            write(event_id, span_id, true),
            format!("00-{ID}-b7ad6b7169203331-01")
        );
    }

    #[test]
    fn what_the_standard_forbids_is_none() {
        for text in [
            String::new(),
            "00".into(),
            format!("00-{ID}-b7ad6b7169203331"),
            format!("00-{ID}-b7ad6b7169203331-0"),
            format!("00-{ID}-b7ad6b7169203331-01-more"),
            format!("01-{ID}-b7ad6b7169203331-01more"),
            format!("ff-{ID}-b7ad6b7169203331-01"),
            format!("00-{}-b7ad6b7169203331-01", ID.to_uppercase()),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{ID}-0000000000000000-01"),
            format!("00_{ID}-b7ad6b7169203331-01"),
            format!("00-{ID}-b7ad6b7169203331-0g"),
            "é".repeat(40),
            "0".repeat(100_000),
        ] {
            assert_eq!(read(&text), None, "{text:.80}");
        }
    }

    #[test]
    fn a_state_is_handed_on_when_it_is_one() {
        assert!(is_state("congo=t61rcWkgMzE, rojo=00f067aa0ba902b7"));
        for text in [
            String::new(),
            "nonsense".into(),
            "a=\u{7f}".into(),
            "a=é".into(),
            "a=1\r\nset-cookie: x".into(),
            "a=1,".repeat(33),
            format!("a={}", "1".repeat(512)),
        ] {
            assert!(!is_state(&text), "{text:.80}");
        }
    }
}
