//! What a record is made of: the wire forms of values, the members of `metadata` and `extra`, and what
//! classes do to a value. How a whole line is put together is in `encode`.

pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod sensitive;
pub(crate) mod time;

use crate::schema::Class;
use std::time::SystemTime;
use uuid::{Builder, Uuid};

/// A UUIDv7 of this moment: 48 bits of milliseconds, then random ones from a generator of the thread
/// (RFC 9562, section 5.7).
pub(crate) fn uuid7(at: SystemTime) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&fastrand::u128(..).to_le_bytes()[..10]);
    Builder::from_unix_timestamp_millis(time::milliseconds(at), &random).into_uuid()
}

/// The class that a schema gives to this name; what it does not name is safe.
pub(crate) fn class_of(classes: &[(&str, Class)], name: &str) -> Class {
    classes
        .iter()
        .find(|(key, _)| *key == name)
        .map_or(Class::Safe, |(_, class)| *class)
}
