//! Short texts and numbers, appended without a call of `memcpy`, which takes some twenty instructions for a few bytes: bytes of
//! a number that the compiler knows are copied, and those that were too many cut off. It gave 200 instructions a record of
//! four values. What has to be escaped is written in `json`.

use super::out::Out;

/// The numbers that [`number`] can write are below it.
pub(crate) const NUMBERS: u64 = 100_000_000;

/// Appends a number below [`NUMBERS`].
#[inline(always)]
pub(crate) fn number(out: &mut impl Out, value: u32) -> Option<()> {
    if value < 10 {
        return out.block(&[b'0' + value as u8], 1);
    }
    let digits = digits(value);
    // Leading zeros are the lowest bytes; the last one is a digit in any case.
    let zeros = (digits | 1 << 56).trailing_zeros() & 0x38;
    let text = (digits | 0x3030_3030_3030_3030) >> zeros;
    out.block(&text.to_le_bytes(), 8 - zeros as usize / 8)
}

/// Eight decimal digits of a number below [`NUMBERS`], each a byte, the first one lowest: divided in halves, not one by one.
/// That is three divisions for all instead of eight, each of all parts at once (as in Paul Khuong's "How to print integers
/// really fast", 2017).
#[inline(always)]
pub(crate) fn digits(value: u32) -> u64 {
    let halves = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0x0f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

/// Appends a text of up to 16 bytes of which none has to be escaped in JSON; `Some(false)` for any other, and nothing is appended.
#[inline(always)]
pub(crate) fn clean(out: &mut impl Out, text: &[u8]) -> Option<bool> {
    // Its begin and its end, which overlap.
    if let (Some(begin), Some(end)) = (text.first_chunk(), text.last_chunk::<8>()) {
        if text.len() > 16 || is_dirty(u64::from_le_bytes(*begin)) || is_dirty(u64::from_le_bytes(*end)) {
            return Some(false);
        }
        out.block(begin, text.len() - 8)?;
        out.block(end, 8)?;
        return Some(true);
    }
    let word = word(text);
    let blank = 0x2020_2020_2020_2020 << (8 * text.len());
    if is_dirty(word | blank) {
        return Some(false);
    }
    out.block(&word.to_le_bytes(), text.len())?;
    Some(true)
}

/// Appends a text of up to 16 bytes; `Some(false)` for a longer one, and nothing is appended.
#[inline(always)]
pub(crate) fn text(out: &mut impl Out, text: &[u8]) -> Option<bool> {
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(begin), Some(end)) if text.len() <= 16 => {
            out.block(begin, text.len() - 8)?;
            out.block(end, 8)?;
        }
        (Some(_), _) => return Some(false),
        (None, _) => out.block(&word(text).to_le_bytes(), text.len())?,
    }
    Some(true)
}

/// A text of less than 8 bytes, the first one lowest.
#[inline(always)]
fn word(text: &[u8]) -> u64 {
    if let (Some(begin), Some(end)) = (text.first_chunk(), text.last_chunk()) {
        let (begin, end) = (u32::from_le_bytes(*begin), u32::from_le_bytes(*end));
        u64::from(begin) | u64::from(end) << (8 * (text.len() - 4))
    } else if let &[first, .., last] = text {
        let middle = text[text.len() / 2];
        u64::from(first)
            | u64::from(middle) << (8 * (text.len() / 2))
            | u64::from(last) << (8 * (text.len() - 1))
    } else {
        text.first().copied().unwrap_or_default().into()
    }
}

/// Whether one of a word's bytes has to be escaped in JSON.
#[inline(always)]
fn is_dirty(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let found = below(word, 0x20)
        | below(word ^ (ONES * u64::from(b'"')), 1)
        | below(word ^ (ONES * u64::from(b'\\')), 1);
    found & HIGH != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json;

    #[test]
    fn digits_are_those_of_the_number() {
        let values = (0..100_000_000).step_by(997);
        for value in values.chain([1, 9, 10, 9_999, 10_000, 99_999_999]) {
            let text = digits(value) | 0x3030_3030_3030_3030;
            assert_eq!(text.to_le_bytes(), *format!("{value:08}").as_bytes());
            let mut out = b"=".to_vec();
            assert!(number(&mut out, value).is_some());
            assert_eq!(out, format!("={value}").into_bytes());
        }
    }

    #[test]
    fn a_text_is_appended_whole_or_not_at_all() {
        for len in 0..=17 {
            let text: Vec<u8> = (b'a'..).take(len).collect();
            let mut out = b"=".to_vec();
            assert_eq!(clean(&mut out, &text), Some(len <= 16));
            assert_eq!(&out[1..], if len <= 16 { &text[..] } else { &[] });
            let mut same = b"=".to_vec();
            assert_eq!(super::text(&mut same, &text), Some(len <= 16));
            assert_eq!(same, out);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_byte_that_needs_it_is_seen_wherever_it_stands(before in 0_usize..16, after in 0_usize..16, byte in 0_u8..128) {
            let text = [vec![b'z'; before], vec![byte], vec![0xc3; after]].concat();
            let escaped = byte < 0x20 || byte == b'"' || byte == b'\\';
            proptest::prop_assert_eq!(clean(&mut Vec::new(), &text), Some(text.len() <= 16 && !escaped));
        }

        #[test]
        fn any_text_reads_back(text in ".{0,20}", value: u64) {
            let mut out = Vec::new();
            json::string(&mut out, &text);
            proptest::prop_assert_eq!(serde_json::from_slice::<String>(&out).ok(), Some(text));
            out.clear();
            json::integer(&mut out, value);
            proptest::prop_assert_eq!(out, value.to_string().into_bytes());
        }
    }
}
