//! The static behind every log macro: whether it is on, and what it sends where.

mod held;
mod text;

pub use held::Limit;
pub(crate) use held::tell as tell_held;

use crate::{
    encode::fixed::{Fixed, Said},
    event::{LoggedAt, LoggedOwn, Shape},
    handover::{self, EventHandover},
    interest::CachedInterest,
    layer::Layer,
    record::{members::Labels, sensitive},
    schema::Class,
    value::Val,
    values,
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
};
use tracing_core::{
    Event, Interest, Kind, Level, LevelFilter, Metadata,
    callsite::{self, Identifier},
    dispatcher,
    field::{FieldSet, Value},
};

/// One static a call of a log macro. It is small, and cheap to compile: what is constant about it is one text, which is
/// read at its first record.
pub struct Callsite {
    /// `None` where the event's type says it.
    level: Option<Level>,
    module: &'static str,
    /// See [`text`].
    text: &'static str,
    interest: CachedInterest,
    registered: OnceLock<&'static Registered>,
}

/// What the first record of a callsite made of it; it stays for good, like the callsite.
struct Registered {
    meta: Metadata<'static>,
    shape: &'static Shape,
    fixed: Fixed,
    labels: Labels,
    /// Whether no key has a class that changes its value.
    all_safe: bool,
}

impl Callsite {
    /// A call at this level: 1 for error to 5 for trace, and 0 where the event's type says it (`log!`). The text says the
    /// shape of a constructor's call; that of an event comes from its type.
    #[must_use]
    pub const fn new(level: u8, module: &'static str, text: &'static str) -> Self {
        let level = match level {
            1 => Some(Level::ERROR),
            2 => Some(Level::WARN),
            3 => Some(Level::INFO),
            4 => Some(Level::DEBUG),
            5 => Some(Level::TRACE),
            _ => None,
        };
        let interest = CachedInterest::new();
        let registered = OnceLock::new();
        Callsite {
            level,
            module,
            text,
            interest,
            registered,
        }
    }

    /// Whether anyone may want this callsite's records now.
    #[inline(always)]
    pub fn is_on(&'static self) -> bool {
        self.level.is_none_or(|level| level <= LevelFilter::current()) && !self.interest.is_never()
    }

    /// Whether flood control lets a record pass, for a constructor's call under a limit. Asked before its values are
    /// evaluated.
    #[inline(never)]
    #[must_use]
    pub fn admits(&'static self) -> bool {
        let Some(level) = self.level else { return true };
        let shape = self.constant(level).shape;
        self.within(shape.limit, level, shape)
    }

    /// Whether the limit lets a record pass. One that nobody wants is not counted.
    #[inline]
    fn within(&'static self, limit: Option<&'static Limit>, level: Level, shape: &'static Shape) -> bool {
        let Some(limit) = limit else { return true };
        let (site, registered) = self.of(level, shape);
        let wanted = level <= LevelFilter::current() && site.interest.enabled(&registered.meta);
        wanted && limit.admits(site, level, shape)
    }

    /// Registers it at its first call; of several threads, one does. Without a shape it is that of the text.
    #[cold]
    fn register(&'static self, level: Level, shape: Option<&'static Shape>) -> &'static Registered {
        let mut first = false;
        let registered = self.registered.get_or_init(|| {
            first = true;
            let place = text::place(self.text);
            let shape = shape.unwrap_or_else(|| text::shape(self.text));
            let meta = Metadata::new(
                "tracel event",
                self.module,
                level,
                Some(place.file),
                place.line,
                Some(self.module),
                FieldSet::new(shape.names, Identifier(self)),
                Kind::EVENT,
            );
            let fixed = Fixed::of(&Said {
                level: &level,
                module: self.module,
                message: shape.message,
                log_type: shape.category,
                event_name: shape.event,
                source: place.line.map(|line| (place.file, line)),
                target: None,
                schema: shape.schema.label,
            });
            Box::leak(Box::new(Registered {
                meta,
                shape,
                fixed,
                labels: Labels::of(shape.keys),
                all_safe: shape.keys.iter().all(|key| key.class == Class::Safe),
            }))
        });
        if first {
            handover::claim(Identifier(self));
            callsite::register(self);
        }
        registered
    }

    /// The metadata and the shape of a constructor's call.
    fn constant(&'static self, level: Level) -> &'static Registered {
        match self.registered.get() {
            Some(registered) => registered,
            None => self.register(level, None),
        }
    }

    /// The metadata of this level and shape. A static inside a generic function is shared by all its
    /// instances, so the event's type may differ from that of the call before.
    fn of(&'static self, level: Level, shape: &'static Shape) -> (&'static Callsite, &'static Registered) {
        let registered = match self.registered.get() {
            Some(registered) => registered,
            None => self.register(level, Some(shape)),
        };
        let same = std::ptr::eq(registered.shape, shape)
            || (registered.shape.names == shape.names && registered.shape.event == shape.event);
        if same && *registered.meta.level() == level {
            return (self, registered);
        }
        let variant = self.variant(level, shape);
        (variant, variant.registered.get().copied().unwrap_or(registered))
    }

    /// A callsite of its own for another type that comes here; as many as there are types, each made once.
    #[cold]
    fn variant(&'static self, level: Level, shape: &'static Shape) -> &'static Callsite {
        let key = (
            std::ptr::from_ref(self).addr(),
            std::ptr::from_ref(shape).addr(),
            level,
        );
        let found = {
            let mut variants = VARIANTS.lock().unwrap_or_else(PoisonError::into_inner);
            *variants.get_or_insert_default().entry(key).or_insert_with(|| {
                Box::leak(Box::new(Callsite {
                    level: Some(level),
                    interest: CachedInterest::new(),
                    registered: OnceLock::new(),
                    ..*self
                }))
            })
        };
        found.register(level, Some(shape));
        found
    }

    /// Sends an event's values.
    fn send(&'static self, level: Level, shape: &'static Shape, values: &[Val<'_>]) {
        let (site, registered) = self.of(level, shape);
        site.send_as(registered, values);
    }

    fn send_as(&'static self, registered: &'static Registered, values: &[Val<'_>]) {
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
        let meta = &self.meta;
        // Encoded before the dispatch: a value's own code may log, and must not find our state half done.
        let mut members = handover::members();
        members.add_all(&self.labels, values);
        // Where nobody but our layer listens, nobody has to be shown the values as fields.
        let straight = dispatcher::get_default(|dispatch| match Layer::alone(dispatch) {
            Some(layer) => {
                layer.record(meta.level(), &self.fixed, &members);
                true
            }
            None => false,
        });
        if straight {
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

type Variants = Mutex<Option<HashMap<(usize, usize, Level), &'static Callsite>>>;
static VARIANTS: Variants = Mutex::new(None);

/// The locks that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn std::any::Any> {
    let variants = VARIANTS.lock().unwrap_or_else(PoisonError::into_inner);
    Box::new((variants, held::locks()))
}

impl callsite::Callsite for Callsite {
    fn set_interest(&self, interest: Interest) {
        self.interest.set(&interest);
    }

    fn metadata(&self) -> &Metadata<'_> {
        // Only registered callsites are known to `tracing`, and registering begins with the metadata.
        &self
            .registered
            .get()
            .expect("a callsite is registered with its metadata")
            .meta
    }
}

impl fmt::Debug for Callsite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callsite({})", text::place(self.text).file)
    }
}

/// Sends a constructor's call.
#[inline(never)]
pub fn emit(site: &'static Callsite, values: &[Val<'_>]) {
    if let Some(level) = site.level {
        site.send_as(site.constant(level), values);
    }
}

/// Sends an event at a macro's level.
pub fn emit_event<L, E: LoggedAt<L> + ?Sized>(site: &'static Callsite, _level: L, event: &E) {
    if let Some(level) = site.level
        && site.within(const { E::SHAPE.limit }, level, E::SHAPE)
    {
        event.values(&mut |values| site.send(level, E::SHAPE, values));
    }
}

/// Sends an event at its own level.
pub fn emit_own<E: LoggedOwn + ?Sized>(site: &'static Callsite, event: &E) {
    if E::LEVEL <= LevelFilter::current() && site.within(const { E::SHAPE.limit }, E::LEVEL, E::SHAPE) {
        event.values(&mut |values| site.send(E::LEVEL, E::SHAPE, values));
    }
}
