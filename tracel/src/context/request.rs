//! One request: its id, what its caller said of it, how many records it has. What its spans add is the context's.

use crate::record::{time::Moment, uuid7};
use std::{
    hint::cold_path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};
use tracing_core::Level;
use uuid::Uuid;

/// One request: what all its spans in this process share.
#[derive(Debug)]
pub(crate) struct Request {
    /// Drawn when someone asks for it, unless it is known before: another crate's span may be told after it was made
    /// which trace it belongs to.
    id: OnceLock<Uuid>,
    /// Whether the caller's tracing system takes it.
    sampled: bool,
    /// The tracestate that came with it, to be handed on.
    state: Option<Arc<str>>,
    /// Its records, warnings and errors, once someone wants to know.
    counts: OnceLock<[AtomicU64; 3]>,
    /// Counts the fields that were recorded after their span was made, see [`SpanContext::with_members`](super::SpanContext::with_members).
    pub(super) late: AtomicU32,
}

impl Request {
    pub(crate) fn new(event_id: Uuid, sampled: bool, state: Option<Arc<str>>) -> Self {
        Request {
            id: event_id.into(),
            sampled,
            state,
            ..Request::unknown()
        }
    }

    /// One whose id nobody has asked for yet.
    pub(crate) fn unknown() -> Self {
        Request {
            id: OnceLock::new(),
            sampled: true,
            state: None,
            counts: OnceLock::new(),
            late: AtomicU32::new(0),
        }
    }

    #[inline]
    pub(crate) fn event_id(&self) -> Uuid {
        match self.id.get() {
            Some(id) => *id,
            None => self.draw(),
        }
    }

    #[cold]
    #[inline(never)]
    fn draw(&self) -> Uuid {
        *self.id.get_or_init(|| uuid7(Moment::now()))
    }

    /// Whether its id is fixed.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn is_known(&self) -> bool {
        self.id.get().is_some()
    }

    /// Fixes its id, unless that has happened.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn know(&self, event_id: Uuid) {
        self.id.get_or_init(|| event_id);
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Counts its records from now on.
    #[cfg(feature = "tower")]
    pub(crate) fn count(&self) {
        self.counts.get_or_init(Default::default);
    }

    /// A record was made; counted if anyone wants to know.
    #[inline]
    pub(crate) fn made(&self, level: &Level) {
        if let Some([records, warnings, errors]) = self.counts.get() {
            cold_path();
            records.fetch_add(1, Ordering::Relaxed);
            match *level {
                Level::WARN => _ = warnings.fetch_add(1, Ordering::Relaxed),
                Level::ERROR => _ = errors.fetch_add(1, Ordering::Relaxed),
                _ => {}
            }
        }
    }

    /// How many records, warnings and errors there were since [`count`](Self::count).
    #[cfg(feature = "tower")]
    pub(crate) fn counts(&self) -> [u64; 3] {
        let count = |counts: &[AtomicU64; 3]| counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        self.counts.get().map_or([0; 3], count)
    }

    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}
