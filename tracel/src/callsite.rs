//! The static behind every log macro: whether it is on, and what it sends where.

mod held;
mod table;
mod text;

pub use held::Limit;
pub(crate) use held::tell as tell_held;
pub(crate) use text::{shape_of, span};

use crate::{
    encode::fixed::{Fixed, Said},
    event::{LoggedAt, LoggedOwn, Shape},
    handover::{self, EventHandover},
    interest::CachedInterest,
    layer::Layer,
    level,
    record::{members::Labels, sensitive},
    schema::Class,
    testing::wanted::WantedEvent,
    value::Val,
    values,
};
use std::{
    collections::HashMap,
    fmt,
    hint::cold_path,
    sync::{
        Mutex, PoisonError,
        atomic::{
            AtomicU32,
            Ordering::{Acquire, Release},
        },
    },
};
use tracing_core::{
    Event, Interest, Kind, Level, LevelFilter, Metadata,
    callsite::{self, Identifier},
    dispatcher,
    field::{FieldSet, Value},
};

/// One static a call of a log macro. It is small, cheap to compile, and the same for all: what is constant about a call is
/// one `text`, which comes with its values and is read at its first record.
pub struct Callsite {
    /// In the [`table`]; 0 before its first record.
    number: AtomicU32,
    interest: CachedInterest,
}

/// What the first record of a callsite made of it; it stays for good, like the callsite.
struct Registered {
    meta: Metadata<'static>,
    /// The event's own text; that of the callsite, for a constructor's call.
    text: &'static str,
    shape: &'static Shape,
    fixed: Fixed,
    labels: Labels,
    /// Whether no key has a class that changes its value.
    all_safe: bool,
    /// Whether flood control limits its records.
    limited: bool,
}

impl Callsite {
    /// A call of which nothing is known yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it is a static's")]
    pub const fn new() -> Self {
        Callsite {
            number: AtomicU32::new(0),
            interest: CachedInterest::new(),
        }
    }

    /// Whether anyone may want this callsite's records now. Its level, 1 for error to 5 for trace, is in the text too, where
    /// the compiler does not see it.
    #[inline(always)]
    pub fn is_on(&'static self, level: u8) -> bool {
        level::of(level) <= LevelFilter::current() && !self.interest.is_never()
    }

    /// Whether flood control lets a record pass, for a constructor's call under a limit. Asked before its values are
    /// evaluated.
    #[inline(never)]
    #[must_use]
    pub fn admits(&'static self, text: &'static str) -> bool {
        self.within(self.constant(text))
    }

    /// Whether the limit lets a record pass. One that nobody wants is not counted.
    #[inline]
    fn within(&'static self, registered: &'static Registered) -> bool {
        let Some(limit) = registered.shape.limit else {
            return true;
        };
        let meta = &registered.meta;
        let wanted = *meta.level() <= LevelFilter::current() && self.interest.enabled(meta);
        wanted && limit.admits(self, registered)
    }

    /// Registers it at its first call; of several threads, one does. `event` is its type's own level and text; without it
    /// this is a constructor's call.
    #[cold]
    fn register(
        &'static self,
        text: &'static str,
        event: Option<(Option<Level>, &'static str)>,
    ) -> &'static Registered {
        let mut count = table::lock();
        if let Some(registered) = self.registered() {
            return registered;
        }
        let place = text::place(text);
        let (level, text, shape) = match event {
            Some((level, text)) => (level.unwrap_or(place.level), text, text::shape_of(text)),
            None => (place.level, text, text::shape(place.rest)),
        };
        let meta = Metadata::new(
            "tracel event",
            place.module,
            level,
            Some(place.file),
            place.line,
            Some(place.module),
            FieldSet::new(shape.names, Identifier(self)),
            Kind::EVENT,
        );
        let fixed = Fixed::of(&Said {
            level: &level,
            module: place.module,
            message: shape.message,
            log_type: shape.category,
            event_name: shape.event,
            source: place.line.map(|line| (place.file, line)),
            target: None,
            schema: shape.schema.label,
        });
        let registered = Box::leak(Box::new(Registered {
            meta,
            text,
            shape,
            fixed,
            labels: Labels::of(shape.keys),
            all_safe: shape.keys.iter().all(|key| key.class == Class::Safe),
            limited: shape.limit.is_some(),
        }));
        // Before any other thread finds it: whoever is asked about it then would take it for another crate's.
        handover::claim(Identifier(self));
        self.number.store(table::add(&mut count, registered), Release);
        drop(count);
        callsite::register(self);
        registered
    }

    #[inline]
    fn registered(&self) -> Option<&'static Registered> {
        table::get(self.number.load(Acquire))
    }

    /// What is known of a constructor's call.
    #[inline]
    fn constant(&'static self, text: &'static str) -> &'static Registered {
        match self.registered() {
            Some(registered) => registered,
            None => self.register(text, None),
        }
    }

    /// What is known of an event's call, of its type's own level if it has one, and with its type's text. A static inside a
    /// generic function is shared by all its instances, so the event's type may differ from that of the call before.
    #[inline]
    fn of(
        &'static self,
        place: &'static str,
        level: Option<Level>,
        text: &'static str,
    ) -> (&'static Callsite, &'static Registered) {
        let registered = match self.registered() {
            Some(registered) => registered,
            None => self.register(place, Some((level, text))),
        };
        // Most often it is the very same text.
        let same = std::ptr::eq(registered.text, text) || {
            cold_path();
            registered.text == text
        };
        if same && level.is_none_or(|level| *registered.meta.level() == level) {
            return (self, registered);
        }
        self.variant(place, level, text)
    }

    /// A callsite of its own for another type that comes here; as many as there are types, each made once.
    #[cold]
    fn variant(
        &'static self,
        place: &'static str,
        level: Option<Level>,
        text: &'static str,
    ) -> (&'static Callsite, &'static Registered) {
        let key = (std::ptr::from_ref(self).addr(), text, level);
        let found = {
            let mut variants = VARIANTS.lock().unwrap_or_else(PoisonError::into_inner);
            *variants
                .get_or_insert_default()
                .entry(key)
                .or_insert_with(|| Box::leak(Box::new(Callsite::new())))
        };
        (found, found.register(place, Some((level, text))))
    }

    /// Sends values, if somebody wants them.
    #[inline(always)]
    fn send(&'static self, registered: &'static Registered, values: &[Val<'_>]) {
        let Registered { meta, shape, .. } = registered;
        if *meta.level() > LevelFilter::current() || !self.interest.enabled(meta) {
            return;
        }
        match registered.all_safe {
            true => registered.send(values),
            false => {
                sensitive::with_classes(shape.schema.sensitive, shape.keys, values, |values| {
                    registered.send(values);
                });
            }
        }
    }
}

impl Registered {
    /// Sends values whose classes are applied.
    fn send(&'static self, values: &[Val<'_>]) {
        let Registered {
            meta, fixed, labels, ..
        } = self;
        if fixed.defined.is_nowhere() || !straight(|layer| layer.record(meta.level(), fixed, labels, values))
        {
            self.send_encoded(values);
        }
    }

    #[inline(never)]
    fn send_encoded(&'static self, values: &[Val<'_>]) {
        let meta = &self.meta;
        // Encoded before the dispatch: a value's own code may log, and must not find our state half done.
        let mut members = handover::members();
        members.add_all(&self.labels, values);
        let taken = straight(|layer| {
            layer.record_members(meta.level(), &self.fixed, &members);
            true
        });
        if taken {
            return handover::give_back(members);
        }
        let event = EventHandover {
            callsite: meta.callsite(),
            fixed: &self.fixed,
            members,
            held: None,
        };
        handover::with_event(event, || {
            let message = [Some(&self.shape.message as &dyn Value)];
            values::with_value_set(meta.fields(), &message, values, |set| Event::dispatch(meta, set));
        });
    }
}

/// Where nobody but our layer listens, nobody has to be shown the values as fields. Whether it is so, and the layer took them.
fn straight(mut send: impl FnMut(&Layer) -> bool) -> bool {
    dispatcher::get_default(|dispatch| Layer::alone(dispatch).is_some_and(&mut send))
}

type Variants = Mutex<Option<HashMap<(usize, &'static str, Option<Level>), &'static Callsite>>>;
static VARIANTS: Variants = Mutex::new(None);

/// The locks that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn std::any::Any> {
    let variants = VARIANTS.lock().unwrap_or_else(PoisonError::into_inner);
    Box::new((variants, table::lock(), text::locks(), held::locks()))
}

impl callsite::Callsite for Callsite {
    fn set_interest(&self, interest: Interest) {
        self.interest.set(&interest);
    }

    fn metadata(&self) -> &Metadata<'_> {
        // Only registered callsites are known to `tracing`, and registering begins with the metadata.
        &self
            .registered()
            .expect("a callsite is registered with its metadata")
            .meta
    }
}

impl fmt::Debug for Callsite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.registered().and_then(|registered| registered.meta.file());
        f.debug_tuple("Callsite").field(&place).finish()
    }
}

/// Sends a constructor's call.
#[inline(never)]
pub fn emit(site: &'static Callsite, text: &'static str, values: &[Val<'_>]) {
    site.send(site.constant(text), values);
}

/// Sends an event at a macro's level.
#[inline(always)]
pub fn emit_event<L, E: LoggedAt<L> + ?Sized>(
    site: &'static Callsite,
    place: &'static str,
    _level: L,
    event: &E,
) {
    let level = None;
    event.values(&mut Sending::Site { site, place, level });
}

/// Sends an event at its own level.
#[inline(always)]
pub fn emit_own<E: LoggedOwn + ?Sized>(site: &'static Callsite, place: &'static str, event: &E) {
    let level = Some(E::LEVEL);
    event.values(&mut Sending::Site { site, place, level });
}

/// Where an event's values go. One type for all events, so that nothing of what follows is compiled for each.
#[derive(Debug)]
pub enum Sending<'a> {
    /// Into the log, at this level or, without one, at that of the place.
    Site {
        /// Of the call.
        site: &'static Callsite,
        /// The call's text.
        place: &'static str,
        /// The type's own.
        level: Option<Level>,
    },
    /// Held against the records of a test.
    Wanted(&'a mut WantedEvent),
}

impl Sending<'_> {
    /// Sends the values of an event of which its type knows this text.
    #[inline(never)]
    pub fn send(&mut self, text: &'static str, values: &[Val<'_>]) {
        match self {
            Sending::Site { site, place, level } => {
                let (site, registered) = site.of(place, *level, text);
                if registered.limited {
                    cold_path();
                    if !site.within(registered) {
                        return;
                    }
                }
                site.send(registered, values);
            }
            Sending::Wanted(wanted) => {
                cold_path();
                wanted.set(shape_of(text), values);
            }
        }
    }
}
