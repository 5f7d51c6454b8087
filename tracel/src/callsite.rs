//! The static behind every log macro: whether it is on, and what it sends where.

mod held;

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

/// One static a call of a log macro.
pub struct Callsite {
    /// `None` where the event's type says it.
    level: Option<Level>,
    module: &'static str,
    file: &'static str,
    line: u32,
    /// `None` where the event's type says it.
    shape: Option<&'static Shape>,
    interest: CachedInterest,
    registered: OnceLock<Registered>,
}

/// What the first call of a callsite made of it.
struct Registered {
    meta: Metadata<'static>,
    shape: &'static Shape,
    fixed: Fixed,
    labels: Labels,
    /// Whether no key has a class that changes its value.
    all_safe: bool,
}

impl Callsite {
    /// A constructor's call: everything about it is known at expansion.
    #[must_use]
    pub const fn fixed(
        level: Level,
        module: &'static str,
        file: &'static str,
        line: u32,
        shape: &'static Shape,
    ) -> Self {
        Callsite::new(Some(level), module, file, line, Some(shape))
    }

    /// An event at a macro's level; its shape comes from its type.
    #[must_use]
    pub const fn typed(level: Level, module: &'static str, file: &'static str, line: u32) -> Self {
        Callsite::new(Some(level), module, file, line, None)
    }

    /// An event at its own level (`log!`); level and shape come from its type.
    #[must_use]
    pub const fn own(module: &'static str, file: &'static str, line: u32) -> Self {
        Callsite::new(None, module, file, line, None)
    }

    const fn new(
        level: Option<Level>,
        module: &'static str,
        file: &'static str,
        line: u32,
        shape: Option<&'static Shape>,
    ) -> Self {
        let interest = CachedInterest::new();
        let registered = OnceLock::new();
        Callsite {
            level,
            module,
            file,
            line,
            shape,
            interest,
            registered,
        }
    }

    /// Whether anyone may want this callsite's records now.
    #[inline(always)]
    pub fn is_on(&'static self) -> bool {
        self.level.is_none_or(|level| level <= LevelFilter::current()) && !self.interest.is_never()
    }

    /// Whether flood control lets a record pass, for a constructor's call whose shape has a limit. Asked before its values
    /// are evaluated.
    #[inline]
    #[must_use]
    pub fn admits(&'static self) -> bool {
        match (self.level, self.shape) {
            (Some(level), Some(shape)) => self.within(shape.limit, level, shape),
            _ => true,
        }
    }

    /// Whether the limit lets a record pass. One that nobody wants is not counted.
    #[inline]
    fn within(&'static self, limit: Option<&'static Limit>, level: Level, shape: &'static Shape) -> bool {
        let Some(limit) = limit else { return true };
        let (site, registered) = self.of(level, shape);
        let wanted = level <= LevelFilter::current() && site.interest.enabled(&registered.meta);
        wanted && limit.admits(site, level, shape)
    }

    /// Registers it at its first call; of several threads, one does.
    #[cold]
    fn register(&'static self, level: Level, shape: &'static Shape) -> &'static Registered {
        let mut first = false;
        let registered = self.registered.get_or_init(|| {
            first = true;
            let fields = FieldSet::new(shape.names, Identifier(self));
            let module = Some(self.module);
            let meta = Metadata::new(
                "tracel event",
                self.module,
                level,
                Some(self.file),
                Some(self.line),
                module,
                fields,
                Kind::EVENT,
            );
            let fixed = Fixed::of(&Said {
                level: &level,
                module: self.module,
                message: shape.message,
                log_type: shape.category,
                event_name: shape.event,
                source: Some((self.file, self.line)),
                target: None,
                schema: shape.schema.label,
            });
            Registered {
                meta,
                shape,
                fixed,
                labels: Labels::of(shape.keys),
                all_safe: shape.keys.iter().all(|key| key.class == Class::Safe),
            }
        });
        if first {
            handover::claim(Identifier(self));
            callsite::register(self);
        }
        registered
    }

    /// The metadata of this level and shape. A static inside a generic function is shared by all its
    /// instances, so the event's type may differ from that of the call before.
    fn of(&'static self, level: Level, shape: &'static Shape) -> (&'static Callsite, &'static Registered) {
        let registered = match self.registered.get() {
            Some(registered) => registered,
            None => self.register(level, shape),
        };
        let same = std::ptr::eq(registered.shape, shape)
            || (registered.shape.names == shape.names && registered.shape.event == shape.event);
        if same && *registered.meta.level() == level {
            return (self, registered);
        }
        let variant = self.variant(level, shape);
        (variant, variant.registered.get().unwrap_or(registered))
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
                let (level, shape) = (Some(level), Some(shape));
                Box::leak(Box::new(Callsite::new(
                    level,
                    self.module,
                    self.file,
                    self.line,
                    shape,
                )))
            })
        };
        found.register(level, shape);
        found
    }

    fn send(&'static self, level: Level, shape: &'static Shape, values: &[Val<'_>]) {
        let (site, registered) = self.of(level, shape);
        let meta = &registered.meta;
        if level > LevelFilter::current() || !site.interest.enabled(meta) {
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
        write!(f, "Callsite({}:{})", self.file, self.line)
    }
}

/// Sends a constructor's call.
#[inline(never)]
pub fn emit(site: &'static Callsite, values: &[Val<'_>]) {
    if let (Some(level), Some(shape)) = (site.level, site.shape) {
        site.send(level, shape, values);
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
