//! What a record is made of: the wire forms of values, the members of `metadata` and `extra`, and what
//! classes do to a value. How a whole line is put together is in `encode`.

pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod out;
pub(crate) mod sensitive;
pub(crate) mod short;
pub(crate) mod time;

use crate::schema::Class;
use time::Moment;
use uuid::Uuid;

/// A UUIDv7 of this moment: 48 bits of milliseconds, then random ones from a generator of the thread
/// (RFC 9562, section 5.7).
#[inline(always)]
pub(crate) fn uuid7(at: Moment) -> Uuid {
    const VERSION: u128 = 7 << 76;
    const VARIANT: u128 = 2 << 62;
    let random = fastrand::u128(..) >> 48 & !(0xf << 76) & !(3 << 62);
    Uuid::from_u128(u128::from(at.milliseconds()) << 80 | random | VERSION | VARIANT)
}

/// The class that a schema gives to this name; what it does not name is safe.
pub(crate) fn class_of(classes: &[(&str, Class)], name: &str) -> Class {
    classes
        .iter()
        .find(|(key, _)| *key == name)
        .map_or(Class::Safe, |(_, class)| *class)
}
