//! A UUID's text, for a record has up to four. The crate `uuid` looks each digit up, which takes 115 instructions; the loops
//! here become a few for all digits at once, which takes 70.

use uuid::Uuid;

/// The length of `0193e0a4-…`.
pub(crate) const UUID: usize = 36;

/// A UUID in lower case, with hyphens.
#[inline]
pub(crate) fn hyphenated(id: &Uuid) -> [u8; UUID] {
    let mut digits = [0; 32];
    write(id.as_bytes(), &mut digits);
    let mut text = [b'-'; UUID];
    text[..8].copy_from_slice(&digits[..8]);
    text[9..13].copy_from_slice(&digits[8..12]);
    text[14..18].copy_from_slice(&digits[12..16]);
    text[19..23].copy_from_slice(&digits[16..20]);
    text[24..].copy_from_slice(&digits[20..]);
    text
}

/// A number's sixteen digits, in lower case.
pub(crate) fn sixteen(number: u64) -> [u8; 16] {
    let mut digits = [0; 32];
    write(&u128::from(number).to_be_bytes(), &mut digits);
    let [_, sixteen] = digits.as_chunks().0 else {
        unreachable!("32 are twice 16");
    };
    *sixteen
}

// On its own: among other code the compiler unrolls the loops instead of making vectors of them.
#[inline(never)]
#[allow(
    clippy::needless_range_loop,
    reason = "only as loops over an index they become vectors"
)]
fn write(bytes: &[u8; 16], digits: &mut [u8; 32]) {
    let (mut upper, mut lower) = ([0; 16], [0; 16]);
    for at in 0..16 {
        upper[at] = bytes[at] >> 4;
        lower[at] = bytes[at] & 15;
    }
    for half in [&mut upper, &mut lower] {
        for digit in half {
            *digit += if *digit > 9 { b'a' - 10 } else { b'0' };
        }
    }
    for at in 0..16 {
        digits[2 * at] = upper[at];
        digits[2 * at + 1] = lower[at];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_the_text_that_the_crate_writes(id: u128) {
            let id = Uuid::from_u128(id);
            let (ours, mut buffer) = (hyphenated(&id), [0; UUID]);
            let theirs = id.hyphenated().encode_lower(&mut buffer);
            proptest::prop_assert_eq!(std::str::from_utf8(&ours), Ok(&*theirs));
        }
    }
}
