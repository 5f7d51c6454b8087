//! A request's context, as spans carry it: its event_id, the module, the spans' fields as bytes that are made
//! once, and the thread's stack of entered spans.

pub(crate) mod memory;

use crate::record::{hex, json, members::Members, time::Moment, uuid7};
use memory::Memory;
use std::{
    cell::RefCell,
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
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
    id: OnceLock<RequestId>,
    /// Whether the caller's tracing system takes it.
    sampled: bool,
    /// The tracestate that came with it, to be handed on.
    state: Option<Arc<str>>,
    /// Its records, warnings and errors, once someone wants to know.
    counts: OnceLock<[AtomicU64; 3]>,
    /// Counts the fields that were recorded after their span was made, see [`SpanContext::with_members`].
    late: AtomicU32,
}

/// A request's id, and the text that the record has of it.
#[derive(Debug)]
struct RequestId {
    event_id: Uuid,
    text: [u8; hex::UUID],
}

impl RequestId {
    fn new(event_id: Uuid) -> Self {
        let mut text = [0; hex::UUID];
        hex::hyphenated(&event_id, &mut text);
        RequestId { event_id, text }
    }
}

impl Request {
    pub(crate) fn new(event_id: Uuid, sampled: bool, state: Option<Arc<str>>) -> Self {
        Request {
            id: RequestId::new(event_id).into(),
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
    fn id(&self) -> &RequestId {
        self.id.get_or_init(|| RequestId::new(uuid7(Moment::now())))
    }

    /// Whether its id is fixed.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn is_known(&self) -> bool {
        self.id.get().is_some()
    }

    /// Fixes its id, unless that has happened.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn know(&self, event_id: Uuid) {
        self.id.get_or_init(|| RequestId::new(event_id));
    }

    pub(crate) fn event_id(&self) -> Uuid {
        self.id().event_id
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

    /// The event_id as the record has it.
    #[inline]
    pub(crate) fn text(&self) -> &[u8; hex::UUID] {
        &self.id().text
    }
}

/// What a span adds to its records.
#[derive(Debug)]
pub(crate) struct SpanContext {
    request: Arc<Request>,
    /// What spans within it, and services called from it, name as their parent: its span_id, but for the silent span of a
    /// request that came from elsewhere. That one logs nothing, so it would be missing between the caller's records and
    /// ours, and the caller's is named in its place.
    link: u64,
    /// The nearest module that a span names, as a JSON string, or nothing; then `span_id`, `parent_span_id` and `span_name` as
    /// the record has them, with the comma before.
    text: Vec<u8>,
    /// Where the module ends.
    module: usize,
    parent: Option<Arc<SpanContext>>,
    /// Its own and its parents' fields, as they stood when [`Request::late`] was `merged_at`.
    merged: Members,
    /// How many of them, from the first, are its own.
    own: usize,
    merged_at: u32,
    /// Its own as they stand now, once one was recorded late.
    changed: Mutex<Option<Members>>,
    /// All once a field was recorded late: merged again when the next one is.
    again: Mutex<Merged>,
}

/// Fields as they stood when [`Request::late`] was `at`.
#[derive(Debug)]
struct Merged {
    members: Members,
    at: u32,
}

/// What a new span's context is made of.
pub(crate) struct NewSpan<'a> {
    pub(crate) request: Arc<Request>,
    /// The span of another service that called this one, and whether this one is silent.
    pub(crate) caller: Option<(u64, bool)>,
    pub(crate) parent: Option<Arc<SpanContext>>,
    pub(crate) name: &'a str,
    /// Its fields, and its module as a JSON string, if it names one.
    pub(crate) own: Memory,
}

impl SpanContext {
    pub(crate) fn new(new: NewSpan<'_>) -> Self {
        let merged_at = new.request.late.load(Ordering::Acquire);
        let Memory {
            members: mut merged,
            mut text,
        } = new.own;
        let own = merged.len();
        if let Some(parent) = &new.parent {
            parent.with_members(|outer| merged.inherit(outer));
            if text.is_empty() {
                text.extend_from_slice(parent.module().unwrap_or_default());
            }
        }
        let module = text.len();
        // Zero means "no span" in a traceparent.
        let span_id = fastrand::u64(1..);
        let parent_id = new
            .parent
            .as_ref()
            .map(|parent| parent.link)
            .or(new.caller.map(|(caller, _)| caller));
        text.extend_from_slice(b",\"span_id\":\"");
        text.extend_from_slice(&hex::sixteen(span_id));
        if let Some(parent_id) = parent_id {
            text.extend_from_slice(b"\",\"parent_span_id\":\"");
            text.extend_from_slice(&hex::sixteen(parent_id));
        }
        text.extend_from_slice(b"\",\"span_name\":");
        json::string(&mut text, new.name);
        SpanContext {
            request: new.request,
            link: match new.caller {
                Some((caller, true)) => caller,
                _ => span_id,
            },
            text,
            module,
            parent: new.parent,
            merged,
            own,
            merged_at,
            changed: Mutex::new(None),
            again: Mutex::new(Merged {
                members: Members::default(),
                at: merged_at,
            }),
        }
    }

    #[inline]
    pub(crate) fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// What names it as a parent.
    pub(crate) fn link(&self) -> u64 {
        self.link
    }

    /// The module as a JSON string.
    #[inline]
    pub(crate) fn module(&self) -> Option<&[u8]> {
        let module = self.text.get(..self.module)?;
        Some(module).filter(|module| !module.is_empty())
    }

    #[inline]
    pub(crate) fn span_keys(&self) -> &[u8] {
        self.text.get(self.module..).unwrap_or_default()
    }

    /// Adds to this span's fields after it was made; they win over those that it has.
    pub(crate) fn add(&self, mut late: Members) {
        {
            let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
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
        // Members that each begin with a comma.
        let keys = [b"{", self.span_keys().get(1..).unwrap_or_default(), b"}"].concat();
        let keys: serde_json::Value = serde_json::from_slice(&keys).unwrap_or_default();
        names.extend(keys["span_name"].as_str().map(str::to_owned));
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
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        if again.at != late {
            again.at = late;
            again.members.clear();
            let mut next = Some(self);
            while let Some(span) = next {
                let changed = span.changed.lock().unwrap_or_else(PoisonError::into_inner);
                span.own_into(changed.as_ref(), &mut again.members);
                next = span.parent.as_deref();
            }
        }
        // Only bytes are read under the lock: no code of others runs.
        read(&again.members);
    }
}

impl Drop for SpanContext {
    fn drop(&mut self) {
        memory::give_back(Memory {
            members: mem::take(&mut self.merged),
            text: mem::take(&mut self.text),
        });
    }
}

/// A span that the thread is in.
struct Entered {
    /// The layer that follows it: two subscribers on one thread do not mix.
    layer: u64,
    span: u64,
    /// None where the thread has left all requests, see [`Outside`].
    context: Option<Arc<SpanContext>>,
}

/// In the place of a layer: what every layer sees.
const EVERY: u64 = u64::MAX;

thread_local! {
    /// Looking a span up in the registry costs more than a whole record, so entering puts it here.
    static STACK: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// The thread enters a span.
pub(crate) fn enter(layer: u64, span: u64, context: Arc<SpanContext>) {
    // A thread that is ending has no stack any more, and enters nothing that could log with a context.
    push(layer, span, Some(context));
}

fn push(layer: u64, span: u64, context: Option<Arc<SpanContext>>) {
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(Entered { layer, span, context }));
}

/// The thread leaves a span, which need not be the one that it entered last.
pub(crate) fn exit(layer: u64, span: u64) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let at = stack
            .iter()
            .rposition(|entered| entered.layer == layer && entered.span == span)?;
        Some(stack.remove(at))
    });
    // Dropped outside the borrow: it may be the last owner.
    drop(left);
}

/// The innermost span that the thread is in, as this layer follows it.
pub(crate) fn current_in(layer: u64) -> Option<Arc<SpanContext>> {
    with_current_in(layer, |context| context.cloned()).flatten()
}

/// The same, borrowed: to count an owner is an atomic operation on a line that all of the request's threads share. `read` must
/// neither enter nor leave a span; it is not called by a thread that is ending.
#[inline(always)]
pub(crate) fn with_current_in<R>(layer: u64, read: impl FnOnce(Option<&Arc<SpanContext>>) -> R) -> Option<R> {
    STACK
        .try_with(|stack| {
            let stack = stack.borrow();
            let is_ours = |entered: &&Entered| entered.layer == layer || entered.layer == EVERY;
            let entered = stack.iter().rev().find(is_ours);
            read(entered.and_then(|entered| entered.context.as_ref()))
        })
        .ok()
}

/// The innermost span that the thread is in, whichever layer follows it.
pub(crate) fn current() -> Option<Arc<SpanContext>> {
    STACK
        .try_with(|stack| stack.borrow().last().and_then(|entered| entered.context.clone()))
        .unwrap_or(None)
}

/// The event_id of the request that the thread is in.
pub(crate) fn current_event_id() -> Option<Uuid> {
    STACK
        .try_with(|stack| {
            let stack = stack.borrow();
            Some(stack.last()?.context.as_ref()?.request.event_id())
        })
        .unwrap_or(None)
}

/// Whether the thread has left all requests by an [`Outside`].
pub(crate) fn is_outside() -> bool {
    STACK
        .try_with(|stack| {
            stack
                .borrow()
                .last()
                .is_some_and(|entered| entered.layer == EVERY)
        })
        .unwrap_or(false)
}

/// While it lives, the thread is outside any request, whatever it had entered before.
#[derive(Debug)]
pub(crate) struct Outside(());

impl Outside {
    pub(crate) fn enter() -> Self {
        push(EVERY, 0, None);
        Outside(())
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        exit(EVERY, 0);
    }
}
