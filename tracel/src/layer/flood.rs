//! Flood control of other crates' events: `policy.limit` for each place that logs. Those of a schema's own callsites are
//! held back before any layer sees them; these only here, for their callsites are not ours.

use crate::{
    context::SharedContext,
    encode::{
        fixed::{Fixed, Said},
        line::Line,
        own,
    },
    flood::Flood,
    record::{json, members::Members, time::Moment, uuid7},
    stats,
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Relaxed},
    },
};
use tracing_core::{Level, Metadata};

/// Places that have a limit of their own; what comes after them shares the last.
const PLACES: usize = 256;

/// One limit a place, found without a lock.
pub(crate) struct Floods(Box<[Place]>);

struct Place {
    /// The place's hash; 0 while it is free.
    key: AtomicU64,
    flood: Flood<Foreign>,
}

/// What is known of the first record that was held back.
pub(crate) struct Foreign {
    pub(crate) level: Level,
    pub(crate) module: String,
    pub(crate) target: String,
    pub(crate) source: Option<(String, u32)>,
    pub(crate) context: Option<SharedContext>,
}

impl Floods {
    /// Each place may log so many in so many seconds.
    pub(crate) fn new((count, seconds): (u64, u64)) -> Self {
        let place = |_| Place {
            key: AtomicU64::new(0),
            flood: Flood::new(count, seconds),
        };
        Floods((0..PLACES).map(place).collect())
    }

    /// Whether an event of this place is recorded; one that is not is counted.
    pub(crate) fn admits(&self, meta: &Metadata<'_>, context: Option<&SharedContext>) -> bool {
        let flood = self.of(meta);
        flood.admits() || {
            stats::HELD.add(1);
            flood.hold(|| Foreign {
                level: *meta.level(),
                module: meta.module_path().unwrap_or(meta.target()).to_owned(),
                target: meta.target().to_owned(),
                source: meta.file().map(str::to_owned).zip(meta.line()),
                context: context.cloned(),
            });
            false
        }
    }

    fn of(&self, meta: &Metadata<'_>) -> &Flood<Foreign> {
        // Not the callsite: all that comes by the crate `log` has the same five.
        let mut hasher = DefaultHasher::new();
        (meta.level(), meta.target(), meta.file(), meta.line()).hash(&mut hasher);
        let key = hasher.finish().max(1);
        let places = &self.0;
        let first = key as usize % PLACES;
        for place in places[first..].iter().chain(&places[..first]) {
            let found = match place.key.load(Acquire) {
                0 => match place.key.compare_exchange(0, key, Relaxed, Acquire) {
                    Ok(_) => key,
                    Err(other) => other,
                },
                found => found,
            };
            if found == key {
                return &place.flood;
            }
        }
        &places[PLACES - 1].flood
    }

    /// What is to be told, see [`Flood::take`].
    pub(crate) fn take(&self, at_end: bool, mut tell: impl FnMut(Foreign, u64)) {
        for place in &self.0 {
            if let Some((first, count)) = place.flood.take(at_end) {
                tell(first, count);
            }
        }
    }
}

impl Foreign {
    /// Replaces `out` by the payload that tells how many were held back, under the first one's level, place and span.
    pub(crate) fn write(&self, count: u64, out: &mut Vec<u8>) {
        let mut members = Members::default();
        members.add("tracel_held", true, |out| json::integer(out, count));
        let at = Moment::now();
        let fixed = Fixed::of(&Said {
            level: &self.level,
            module: &self.module,
            message: own::HELD_MESSAGE,
            log_type: "system",
            event_name: own::HELD,
            source: self.source.as_ref().map(|(file, line)| (file.as_str(), *line)),
            target: Some(&self.target),
            schema: own::SCHEMA,
        });
        Line {
            at,
            uuid: uuid7(at),
            fixed: &fixed,
            schema: b"",
            context: self.context.as_deref(),
            own: &members,
        }
        .write(out);
    }
}
