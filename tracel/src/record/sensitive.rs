//! What the classes do to a value, before any layer or sink sees it.

use super::json::Shown;
use crate::{
    event::Key,
    schema::{Class, Sensitive},
    value::Val,
};
use siphasher::sip128::{Hasher128, SipHasher24};
use std::{
    fmt::{self, Write},
    hash::Hasher,
    sync::OnceLock,
};

/// What a masked value becomes.
pub(crate) const MASK: &str = "***";

/// The environment variable that holds the key of the hash: any text, best 32 random characters or more.
pub(crate) const KEY_VARIABLE: &str = "TRACEL_HASH_KEY";

/// The value as its class lets it out; [`Val::Null`] when it does not. A hash is written into `text`.
pub(crate) fn classed<'v>(class: Class, mode: Sensitive, value: Val<'v>, text: &'v mut Text) -> Val<'v> {
    match (class, mode, value) {
        (_, _, Val::Null) | (Class::Secret, ..) | (Class::Sensitive, Sensitive::Drop, _) => Val::Null,
        (Class::Safe, ..) => value,
        (Class::Sensitive, Sensitive::Mask, _) => Val::Str(MASK),
        (Class::Sensitive, Sensitive::Hash, _) => match key() {
            None => Val::Str(MASK),
            Some(key) => Val::Str(hashed(key, &value, text)),
        },
    }
}

/// Callsites of up to so many values are cheapest.
const FEW: usize = 8;
/// Up to so many need no memory of their own either.
const MANY: usize = 40;

/// Calls `run` with a callsite's values as their classes let them out.
pub(crate) fn with_classes(mode: Sensitive, keys: &[Key], values: &[Val<'_>], run: impl FnOnce(&[Val<'_>])) {
    if keys.iter().all(|key| key.class == Class::Safe) {
        run(values);
    } else if values.len() <= FEW {
        sized::<FEW>(mode, keys, values, run);
    } else if values.len() <= MANY {
        sized::<MANY>(mode, keys, values, run);
    } else {
        let (mut texts, mut out) = (vec![EMPTY; values.len()], vec![Val::Null; values.len()]);
        apply(mode, keys, values, &mut texts, &mut out);
        run(&out);
    }
}

fn sized<const N: usize>(mode: Sensitive, keys: &[Key], values: &[Val<'_>], run: impl FnOnce(&[Val<'_>])) {
    let (mut texts, mut out) = ([EMPTY; N], [Val::Null; N]);
    apply(mode, keys, values, &mut texts, &mut out);
    run(&out[..values.len()]);
}

fn apply<'v>(mode: Sensitive, keys: &[Key], values: &[Val<'v>], texts: &'v mut [Text], out: &mut [Val<'v>]) {
    for (((out, text), key), value) in out.iter_mut().zip(texts).zip(keys).zip(values) {
        *out = classed(key.class, mode, *value, text);
    }
}

/// Room for a hash.
pub(crate) type Text = [u8; HASHED];

/// No hash yet.
pub(crate) const EMPTY: Text = [0; HASHED];

/// The length of `hash:` and 32 hexadecimal digits.
const HASHED: usize = 37;

/// SipHash-2-4 with 128 bits of output is a keyed pseudo-random function (Aumasson and Bernstein, 2012): equal
/// values of one deployment match, and nobody without the key can try values out.
fn hashed<'b>(key: &[u8; 16], value: &Val<'_>, text: &'b mut Text) -> &'b str {
    let mut hasher = Hashing(SipHasher24::new_with_key(key));
    // The hasher takes every byte; a value's own formatter that gives up is hashed as far as it came.
    let _ = write!(hasher, "{:?}", Shown(*value));
    let digest = hasher.0.finish128().as_u128();
    text[..5].copy_from_slice(b"hash:");
    for (at, digit) in text[5..].iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(digest >> (124 - 4 * at) & 15) as usize];
    }
    std::str::from_utf8(text).unwrap_or(MASK)
}

/// Whether a text is a hash of ours, by its form.
pub(crate) fn is_hashed(text: &str) -> bool {
    text.len() == HASHED
        && text.strip_prefix("hash:").is_some_and(|digits| {
            digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        })
}

struct Hashing(SipHasher24);

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// The key of this process, read once.
fn key() -> Option<&'static [u8; 16]> {
    static KEY: OnceLock<Option<[u8; 16]>> = OnceLock::new();
    KEY.get_or_init(|| {
        let text = std::env::var_os(KEY_VARIABLE).filter(|text| !text.is_empty())?;
        let mut hasher = SipHasher24::new();
        hasher.write(text.as_encoded_bytes());
        Some(hasher.finish128().as_bytes())
    })
    .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(key: &[u8; 16], value: Val<'_>) -> String {
        hashed(key, &value, &mut EMPTY.clone()).to_owned()
    }

    #[test]
    fn equal_values_match_and_keys_part_them() {
        let id = String::from("4000 1234");
        assert_eq!(hash(&[1; 16], Val::Str(&id)), hash(&[1; 16], Val::Display(&id)));
        assert_ne!(hash(&[1; 16], Val::Str(&id)), hash(&[2; 16], Val::Str(&id)));
        assert_ne!(hash(&[1; 16], Val::U64(1)), hash(&[1; 16], Val::U64(2)));
        let text = hash(&[1; 16], Val::U64(1));
        assert_eq!((text.len(), &text[..5]), (37, "hash:"));
    }

    #[test]
    fn what_is_not_safe_never_passes() {
        let seen = |class, mode, value: Val<'_>| match classed(class, mode, value, &mut EMPTY.clone()) {
            Val::Null => None,
            value => Some(format!("{:?}", Shown(value))),
        };
        assert_eq!(
            seen(Class::Safe, Sensitive::Mask, Val::Str("a")),
            Some("a".into())
        );
        assert_eq!(
            seen(Class::Sensitive, Sensitive::Mask, Val::Str("a")),
            Some(MASK.into())
        );
        assert_eq!(seen(Class::Sensitive, Sensitive::Drop, Val::Str("a")), None);
        assert_eq!(seen(Class::Secret, Sensitive::Mask, Val::Str("a")), None);
        assert_eq!(seen(Class::Sensitive, Sensitive::Mask, Val::Null), None);
    }
}
