//! [`EventId`]: one request's id, which is its W3C trace-id.

use crate::{
    Uuid,
    field::{Field, ty},
    value::{Val, Value},
};
use std::{
    fmt,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

/// The id of one request, over all services. Ours are UUIDs of version 7; one that came from elsewhere may be any
/// 16 bytes but zero, so its time is not to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventId(Uuid);

impl EventId {
    /// What a record outside any request carries.
    pub const NIL: EventId = EventId(Uuid::nil());

    /// This UUID as an id.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        EventId(uuid)
    }

    /// The id as a UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// A new id: a UUID of version 7 (RFC 9562, section 5.7) from the time in milliseconds and random bits.
///
/// The generator is fast and not a cryptographic one: an id is unique, and no secret.
///
/// ```
/// let id = tracel::generate_event_id();
/// assert_eq!(id.uuid().get_version_num(), 7);
/// ```
#[must_use]
pub fn generate_event_id() -> EventId {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // 48 bits of milliseconds reach beyond the year 10000.
    let time = (now.as_millis() as u64) << 16;
    let high = time & !0xffff | 0x7000 | fastrand::u64(..) >> 52;
    let low = 0b10 << 62 | fastrand::u64(..) >> 2;
    EventId(Uuid::from_u64_pair(high, low))
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for EventId {
    type Err = uuid::Error;

    /// Reads a UUID's text, or the 32 digits of a trace-id.
    ///
    /// # Errors
    /// The text is neither.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(EventId)
    }
}

impl From<Uuid> for EventId {
    fn from(uuid: Uuid) -> Self {
        EventId(uuid)
    }
}

impl From<EventId> for Uuid {
    fn from(id: EventId) -> Self {
        id.0
    }
}

impl Value for EventId {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Uuid(self.0)
    }
}

impl Field<ty::uuid> for EventId {}

/// What `#[tracel::instrument(fields(event_id = ..))]` takes: an id is handed over as it is, and never
/// formatted and parsed.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event id [TL0401]",
    label = "not an event id",
    note = "an `event_id` is a `tracel::EventId`, a `tracel::Uuid`, the text of one, or an `Option` of these"
)]
pub trait AsEventId {
    /// The id; `None` where there is none, or the text is not one's: the span then makes its own.
    fn as_event_id(&self) -> Option<Uuid>;
}

impl AsEventId for EventId {
    #[inline]
    fn as_event_id(&self) -> Option<Uuid> {
        Some(self.0)
    }
}

impl AsEventId for Uuid {
    #[inline]
    fn as_event_id(&self) -> Option<Uuid> {
        Some(*self)
    }
}

impl AsEventId for str {
    fn as_event_id(&self) -> Option<Uuid> {
        Uuid::parse_str(self).ok()
    }
}

impl AsEventId for String {
    fn as_event_id(&self) -> Option<Uuid> {
        self.as_str().as_event_id()
    }
}

impl<T: AsEventId> AsEventId for Option<T> {
    fn as_event_id(&self) -> Option<Uuid> {
        self.as_ref().and_then(AsEventId::as_event_id)
    }
}

impl<T: AsEventId + ?Sized> AsEventId for &T {
    #[inline]
    fn as_event_id(&self) -> Option<Uuid> {
        (**self).as_event_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_in_the_order_of_time() {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let ids: Vec<EventId> = (0..100).map(|_| generate_event_id()).collect();
        for id in &ids {
            let uuid = id.uuid();
            assert_eq!(
                (uuid.get_version_num(), uuid.get_variant()),
                (7, uuid::Variant::RFC4122)
            );
            assert!(uuid.as_u64_pair().0 >> 16 >= before);
        }
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
    }

    #[test]
    fn an_id_is_read_as_it_is_shown() {
        let id = generate_event_id();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().simple().to_string().parse(), Ok(id));
        assert!("nonsense".parse::<EventId>().is_err());
        assert_eq!(format!("{id:?}"), id.to_string());
    }

    #[test]
    fn whatever_is_an_id_is_taken_over() {
        let id = generate_event_id();
        let (uuid, text) = (id.uuid(), id.to_string());
        assert_eq!(id.as_event_id(), Some(uuid));
        assert_eq!(<&Uuid>::as_event_id(&&uuid), Some(uuid));
        assert_eq!(text.as_event_id(), Some(uuid));
        assert_eq!(text.as_str().as_event_id(), Some(uuid));
        assert_eq!(Some(&text).as_event_id(), Some(uuid));
        assert_eq!("nonsense".as_event_id(), None);
        assert_eq!(None::<Uuid>.as_event_id(), None);
    }
}
