//! A request's context, as spans carry it: the module, and the spans' fields as bytes that are made once. The request
//! itself is in `request`, the thread's stack of entered spans in `entered`.

mod entered;
pub(crate) mod memory;
mod request;

pub(crate) use entered::{
    Outside, current, current_event_id, current_id_in, current_in, enter, exit, is_outside, with_current_in,
};
pub(crate) use request::Request;

use crate::{
    record::{hex, json, members::Members, out::Out},
    value::Val,
};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, atomic::Ordering};

/// What a span adds to its records.
#[derive(Debug)]
pub(crate) struct SpanContext {
    request: Arc<Request>,
    /// What spans within it, and services called from it, name as their parent: its span_id, but for the silent span of a
    /// request that came from elsewhere. That one logs nothing, so it would be missing between the caller's records and
    /// ours, and the caller's is named in its place.
    link: u64,
    ids: SpanIds,
    /// `module_name`, of the nearest module that a span names, or nothing; then `span_name`: as the record has them, with the comma
    /// before.
    text: Vec<u8>,
    /// Where the module ends.
    module: usize,
    parent: Option<SharedContext>,
    /// Its own and its parents' fields, as they stood when [`Request::late`] was `merged_at`.
    merged: Members,
    /// How many of them, from the first, are its own.
    own: usize,
    merged_at: u32,
    /// Apart, for it is large, and most spans never have it.
    late: OnceLock<Box<Late>>,
}

/// A span's id, and that of the one that it is in; 0 for none, which is no span's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpanIds {
    pub(crate) own: u64,
    pub(crate) parent: u64,
}

/// Fields once one of the request was recorded late.
#[derive(Debug)]
struct Late {
    /// The span's own as they stand now.
    changed: Mutex<Option<Members>>,
    /// All of them: merged again when the next one is recorded.
    again: Mutex<Merged>,
}

/// Fields as they stood when [`Request::late`] was `at`.
#[derive(Debug)]
struct Merged {
    members: Members,
    at: u32,
}

/// Longer texts are not kept for the next span.
const LONG: usize = 1 << 10;

/// Where a new span stands.
pub(crate) enum Within {
    /// In this one, and its request.
    Span(SharedContext),
    /// It is the first of this one.
    Request {
        request: Arc<Request>,
        /// The span of another service that called this one, and whether this one is silent.
        caller: Option<(u64, bool)>,
    },
}

/// A span's context as all have it who are in the span. Of no weak references: whether it has one owner is then seen by a
/// look, and so is its memory's next use cheap.
pub(crate) type SharedContext = triomphe::Arc<SpanContext>;

/// One that has one owner yet, who can still write into it.
pub(crate) type OwnContext = triomphe::UniqueArc<SpanContext>;

impl SpanContext {
    /// Of no span yet.
    fn blank() -> Self {
        SpanContext {
            request: Arc::new(Request::unknown()),
            link: 0,
            ids: SpanIds::default(),
            text: Vec::new(),
            module: 0,
            parent: None,
            merged: Members::default(),
            own: 0,
            merged_at: 0,
            late: OnceLock::new(),
        }
    }

    /// Where a new span's fields are put before it begins.
    #[inline]
    pub(crate) fn fields(&mut self) -> &mut Members {
        &mut self.merged
    }

    /// The module that a new span names.
    #[inline]
    pub(crate) fn set_module(&mut self, module: &str) {
        self.text.extend_from_slice(b",\"module_name\":");
        let _ = json::frequent(&mut self.text, &Val::Str(module));
    }

    /// Begins it; `name` appends its name as a JSON string. Its own fields and its module are there.
    #[inline(always)]
    pub(crate) fn begin(&mut self, within: Within, name: impl FnOnce(&mut Vec<u8>)) {
        // Zero means "no span" in a traceparent.
        let span_id = fastrand::u64(1..);
        self.link = span_id;
        self.own = self.merged.len();
        let parent = match within {
            Within::Span(parent) => {
                let outer = parent.request();
                // The memory is often that of the request's span before. To count an owner is an atomic operation.
                if !Arc::ptr_eq(&self.request, outer) {
                    self.request = Arc::clone(outer);
                }
                self.merged_at = outer.late.load(Ordering::Acquire);
                parent.with_members(|outer| self.merged.inherit(outer));
                if self.text.is_empty() {
                    self.text.extend_from_slice(parent.module().unwrap_or_default());
                }
                let link = parent.link;
                self.parent = Some(parent);
                link
            }
            Within::Request { request, caller } => {
                self.request = request;
                self.merged_at = self.request.late.load(Ordering::Acquire);
                if let Some((caller, true)) = caller {
                    self.link = caller;
                }
                caller.map_or(0, |(caller, _)| caller)
            }
        };
        self.ids = SpanIds { own: span_id, parent };
        self.module = self.text.len();
        self.text.extend_from_slice(NAME);
        name(&mut self.text);
    }

    /// Makes it one of no span again; whether it takes little memory.
    fn clear(&mut self) -> bool {
        self.parent = None;
        self.late.take();
        self.merged.clear();
        self.text.clear();
        self.text.capacity() <= LONG && self.merged.is_small()
    }

    fn late(&self) -> &Late {
        self.late.get_or_init(|| {
            Box::new(Late {
                changed: Mutex::new(None),
                again: Mutex::new(Merged {
                    members: Members::default(),
                    at: self.merged_at,
                }),
            })
        })
    }

    #[inline]
    pub(crate) fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// What names it as a parent.
    pub(crate) fn link(&self) -> u64 {
        self.link
    }

    /// The module as the record has it, with the comma before.
    #[inline]
    pub(crate) fn module(&self) -> Option<&[u8]> {
        let module = self.text.get(..self.module)?;
        Some(module).filter(|module| !module.is_empty())
    }

    /// The keys of the module and of the span's name, as the record has them, and how long the first is.
    #[inline(always)]
    pub(crate) fn text(&self) -> (&[u8], usize) {
        (&self.text, self.module)
    }

    /// The key of the span's name.
    #[inline]
    pub(crate) fn name(&self) -> &[u8] {
        self.text.get(self.module..).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn ids(&self) -> SpanIds {
        self.ids
    }

    /// Adds to this span's fields after it was made; they win over those that it has.
    pub(crate) fn add(&self, mut late: Members) {
        {
            let mut changed = self.late().changed.lock().unwrap_or_else(PoisonError::into_inner);
            self.own_into(changed.as_ref(), &mut late);
            *changed = Some(late);
        }
        self.request.late.fetch_add(1, Ordering::Release);
    }

    /// Adds this span's own fields, where they are not there already.
    fn own_into(&self, changed: Option<&Members>, members: &mut Members) {
        match changed {
            Some(own) => members.inherit(own),
            None => members.inherit_first(&self.merged, self.own),
        }
    }

    /// The names of the spans from the request's first to this one.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = self
            .parent
            .as_ref()
            .map_or_else(Vec::new, |parent| parent.names());
        let name = self.name().get(NAME.len()..).unwrap_or_default();
        names.extend(serde_json::from_slice::<String>(name));
        names
    }

    /// The request's first span.
    pub(crate) fn first(&self) -> &SpanContext {
        let mut first = self;
        while let Some(parent) = &first.parent {
            first = parent;
        }
        first
    }

    /// Calls `read` with the fields of this span and its parents: those merged when it was made, or, when a
    /// field of the request was recorded since, those of now.
    pub(crate) fn with_members(&self, read: impl FnOnce(&Members)) {
        match self.settled() {
            Some(members) => read(members),
            None => self.with_late_members(read),
        }
    }

    /// The fields of this span and its parents, unless one of the request was recorded since it was made.
    #[inline]
    pub(crate) fn settled(&self) -> Option<&Members> {
        let late = self.request.late.load(Ordering::Acquire);
        (late == self.merged_at).then_some(&self.merged)
    }

    #[cold]
    fn with_late_members(&self, read: impl FnOnce(&Members)) {
        let late = self.request.late.load(Ordering::Acquire);
        let mut again = self.late().again.lock().unwrap_or_else(PoisonError::into_inner);
        if again.at != late {
            again.at = late;
            again.members.clear();
            let mut next = Some(self);
            while let Some(span) = next {
                match span.late.get() {
                    Some(late) => {
                        let changed = late.changed.lock().unwrap_or_else(PoisonError::into_inner);
                        span.own_into(changed.as_ref(), &mut again.members);
                    }
                    None => span.own_into(None, &mut again.members),
                }
                next = span.parent.as_deref();
            }
        }
        // Only bytes are read under the lock: no code of others runs.
        read(&again.members);
    }
}

const NAME: &[u8] = b",\"span_name\":";

/// What a span says of itself, but for its name. It is written over where it differs, and cut where there is no parent.
const KEYS: [u8; 65] = *br#","span_id":"0000000000000000","parent_span_id":"0000000000000000""#;

/// Where the digits stand in it, before a quotation mark.
const SPAN_ID: usize = 12;
const PARENT_SPAN_ID: usize = 48;
const DIGITS: usize = 16;

impl SpanIds {
    /// Appends their keys, with the comma before each.
    #[inline(always)]
    pub(crate) fn write(self, out: &mut impl Out) -> Option<()> {
        let digits = hex::sixteen_each(self.own, self.parent);
        let (own, parent) = digits.split_at(DIGITS);
        let len = match self.parent {
            0 => SPAN_ID + DIGITS + 1,
            _ => KEYS.len(),
        };
        out.changed(&KEYS, len, |keys| {
            keys[SPAN_ID..][..DIGITS].copy_from_slice(own);
            keys[PARENT_SPAN_ID..][..DIGITS].copy_from_slice(parent);
        })
    }
}
