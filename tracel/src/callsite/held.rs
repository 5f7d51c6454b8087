//! The flood control of callsites: one [`Limit`] an event, or a call that has none, and the record that tells how many
//! were held back. How many pass is decided in `flood`.

use super::{Callsite, Registered};
use crate::{
    carry::captured,
    context::{self, SharedContext},
    flood::Flood,
    handover::{self, EventHandover, Held},
    record::json,
    stats, values,
};
use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tracing_core::{
    Event, LevelFilter,
    dispatcher::{self, WeakDispatch},
    field::Value,
};

/// `limit = "100/s"` of schema.toml: a static that all callsites of an event share.
pub struct Limit {
    flood: Flood<First>,
    /// Whether it stands in [`LIMITS`].
    listed: AtomicBool,
}

/// The first record that was held back, and how to tell of it.
struct First {
    site: &'static Callsite,
    registered: &'static Registered,
    context: Option<SharedContext>,
    /// The subscriber that would have had it.
    dispatch: WeakDispatch,
}

/// Those that ever held a record back.
static LIMITS: Mutex<Vec<&'static Limit>> = Mutex::new(Vec::new());

impl Limit {
    /// At most `count` records in each period of so many seconds.
    #[must_use]
    pub const fn new(count: u64, seconds: u64) -> Self {
        Limit {
            flood: Flood::new(count, seconds),
            listed: AtomicBool::new(false),
        }
    }

    /// Whether a record of this callsite may pass; one that may not is counted.
    #[inline]
    pub(super) fn admits(&'static self, site: &'static Callsite, registered: &'static Registered) -> bool {
        self.flood.admits() || self.passes(site, registered)
    }

    /// What is above the limit is counted, but for what a test captures: that passes.
    #[cold]
    fn passes(&'static self, site: &'static Callsite, registered: &'static Registered) -> bool {
        if captured::is_captured() {
            return true;
        }
        self.hold(site, registered);
        false
    }

    fn hold(&'static self, site: &'static Callsite, registered: &'static Registered) {
        stats::HELD.add(1);
        self.flood.hold(|| First {
            site,
            registered,
            context: context::current(),
            dispatch: dispatcher::get_default(|dispatch| dispatch.downgrade()),
        });
        if !self.listed.swap(true, Relaxed) {
            locks().push(self);
        }
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").finish_non_exhaustive()
    }
}

/// The lock that no other thread may have at a fork.
pub(super) fn locks() -> MutexGuard<'static, Vec<&'static Limit>> {
    LIMITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells what was held back: where an interval is over, or, at the end of a log, all.
pub(crate) fn tell(at_end: bool) {
    // Told without the lock: it is a log like any other.
    let limits = locks().clone();
    for limit in limits {
        if let Some((first, count)) = limit.flood.take(at_end) {
            first.tell(count);
        }
    }
}

impl First {
    /// One record under the first one's callsite, level and span, so that it passes wherever that one would have.
    fn tell(self, count: u64) {
        let Some(dispatch) = self.dispatch.upgrade() else {
            return;
        };
        let First { site, registered, .. } = self;
        let Registered { meta, shape, .. } = registered;
        let mut members = handover::members();
        members.add("tracel_held", true, |out| json::integer(out, count));
        match shape.event {
            "" => members.add("tracel_message", true, |out| json::string(out, shape.message)),
            event => members.add("tracel_event", true, |out| json::string(out, event)),
        }
        let event = EventHandover {
            callsite: meta.callsite(),
            fixed: &registered.fixed,
            members,
            held: Some(Held {
                context: self.context,
            }),
        };
        let text = format!("{count} records were held back: {}", shape.message);
        dispatcher::with_default(&dispatch, || {
            if *meta.level() <= LevelFilter::current() && site.interest.enabled(meta) {
                handover::with_event(event, || {
                    let message = [Some(&text as &dyn Value)];
                    values::with_value_set(meta.fields(), &message, &[], |set| Event::dispatch(meta, set));
                });
            }
        });
    }
}
