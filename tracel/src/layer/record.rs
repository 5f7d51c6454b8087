//! An event's way from its callsite, or from another crate, into the journal: one record in a buffer of the thread. What
//! a record looks like is `encode`'s.

use super::{KEPT_BUFFER, Layer, Out, clock, foreign::ForeignFields};
use crate::{
    context::{self, SharedContext, SpanContext},
    encode::{
        compact::{self, Record},
        complete::HEADER,
        cut::cut,
        definition::{self, Named},
        fixed::{Fixed, Said},
        line::Line,
        own,
    },
    handover::{self, Held},
    journal::{self, Journal},
    record::{
        members::{Labels, Members},
        uuid7,
    },
    stats,
    value::Val,
};
use std::{
    cell::{Cell, RefCell},
    hint::cold_path,
};
use tracing_core::{Event, Level, Metadata};
use tracing_log::NormalizeEvent;

impl Layer {
    /// An event that came by way of `tracing`, within this span.
    pub(super) fn event(&self, event: &Event<'_>, context: Option<&SharedContext>) {
        if journal::drains() {
            // What a sink's client library says must not feed the journal that the sink empties.
            return;
        }
        let meta = event.metadata();
        let recorded = handover::read_event(&meta.callsite(), |handed| {
            if self.levels.enabled(true, meta.target(), meta.level()) {
                match &handed.held {
                    Some(held) => self.held_record(meta, &handed.members, held),
                    None => {
                        let context = context.map(AsRef::as_ref);
                        self.own_record(meta.level(), handed.fixed, &handed.members, context);
                    }
                }
            }
        });
        if recorded.is_none() {
            self.foreign_record(event, context);
        }
    }

    /// A record of a callsite of ours, as [`event`](Self::event) makes it, where nobody else wants the event. False where
    /// its values have to be encoded first.
    #[inline(always)]
    pub(crate) fn record(&self, level: &Level, fixed: &Fixed, labels: &Labels, values: &[Val<'_>]) -> bool {
        if journal::drains() {
            cold_path();
            return true;
        }
        let recorded = context::with_current_in(self.id, |context| {
            let context = context.map(AsRef::as_ref);
            let is_written = self.write_compact(fixed, (labels, values), context).is_some();
            if is_written {
                count(level, context);
            }
            is_written
        });
        recorded.unwrap_or(false)
    }

    /// The same of values that are encoded.
    pub(crate) fn record_members(&self, level: &Level, fixed: &Fixed, members: &Members) {
        if !journal::drains() {
            let recorded = context::with_current_in(self.id, |context| {
                self.own_record(level, fixed, members, context.map(AsRef::as_ref));
            });
            if recorded.is_none() {
                // The thread is ending: it is in no span any more.
                self.own_record(level, fixed, members, None);
            }
        }
    }

    #[inline(always)]
    fn own_record(&self, level: &Level, fixed: &Fixed, own: &Members, context: Option<&SpanContext>) {
        self.push(level, &self.line(fixed, own, context));
    }

    /// In the form in which it is least work for the caller, where it can have that; what a journal takes, it counts.
    #[inline(always)]
    fn write_compact(
        &self,
        fixed: &Fixed,
        values: (&Labels, &[Val<'_>]),
        context: Option<&SpanContext>,
    ) -> Option<()> {
        let definitions = match &self.out {
            Out::Journal(journal) => journal.current(),
            Out::Elsewhere(definitions, _) => definitions,
            Out::Captured(_) => return None,
        };
        // What one record of a callsite cannot be, the others would try in vain.
        let define = || match values.1.iter().any(compact::runs_code) {
            true => None,
            false => self.define(fixed, values.0, definitions),
        };
        let definition = fixed.defined.in_journal(definitions, define)?;
        let at = clock::now();
        let record = Record {
            at,
            uuid: uuid7(at),
            definition,
            context,
            values,
        };
        // No code but ours runs while the buffers are borrowed.
        with_buffers(|Buffers { place, long }| {
            let len = record.write(place, long, self.max)?;
            match &self.out {
                Out::Elsewhere(_, take) => take(&place[..len]),
                _ => _ = definitions.push_here(&place[..len])?,
            }
            Some(())
        })?
    }

    /// Puts what these records have in common into the journal, for good; `None` where there is no room for it.
    #[cold]
    #[inline(never)]
    fn define(&self, fixed: &Fixed, labels: &Labels, journal: &Journal) -> Option<Named> {
        let mut definition = Vec::new();
        definition::write(fixed, labels, &self.label_piece, &mut definition)
            .then(|| journal.define(&definition))?
            .map(|number| Named {
                number,
                len: definition.len(),
            })
    }

    /// What flood control held back: a record of TraceL's own, no orphan, and of no category.
    fn held_record(&self, meta: &Metadata<'_>, members: &Members, held: &Held) {
        let fixed = Fixed::of(&Said {
            level: meta.level(),
            module: meta.target(),
            message: own::HELD_MESSAGE,
            log_type: "system",
            event_name: own::HELD,
            source: meta.file().zip(meta.line()),
            target: None,
            schema: own::SCHEMA,
        });
        self.write(&self.line(&fixed, members, held.context.as_deref()));
    }

    #[inline(always)]
    fn line<'a>(&'a self, fixed: &'a Fixed, own: &'a Members, context: Option<&'a SpanContext>) -> Line<'a> {
        let at = clock::now();
        Line {
            at,
            uuid: uuid7(at),
            fixed,
            schema: &self.label_piece,
            context,
            own,
        }
    }

    fn foreign_record(&self, event: &Event<'_>, context: Option<&SharedContext>) {
        let normalized = event.normalized_metadata();
        let meta = normalized.as_ref().unwrap_or_else(|| event.metadata());
        if !self.levels.enabled(false, meta.target(), meta.level()) {
            return;
        }
        if self
            .floods
            .as_ref()
            .is_some_and(|floods| !floods.admits(meta, context))
        {
            return;
        }
        thread_local! {
            static FIXED: Cell<Option<Fixed>> = const { Cell::new(None) };
        }
        let (mut members, mut message) = (handover::members(), String::new());
        event.record(&mut ForeignFields {
            schema: &self.schema,
            members: &mut members,
            message: Some(&mut message),
        });
        let mut fixed = FIXED.try_with(Cell::take).ok().flatten().unwrap_or_default();
        fixed.set(&Said {
            level: meta.level(),
            module: meta.module_path().unwrap_or(meta.target()),
            message: &message,
            log_type: "system",
            event_name: "",
            source: meta.file().zip(meta.line()),
            target: Some(meta.target()),
            schema: &self.label,
        });
        let line = self.line(&fixed, &members, context.map(AsRef::as_ref));
        self.push(meta.level(), &line);
        // A thread that is ending has no next event.
        let _ = FIXED.try_with(|kept| kept.set(Some(fixed)));
        handover::give_back(members);
    }

    #[inline(always)]
    fn push(&self, level: &Level, line: &Line<'_>) {
        count(level, line.context);
        self.write(line);
    }

    #[inline(always)]
    fn write(&self, line: &Line<'_>) {
        // Every value is encoded already: no code but ours runs.
        if with_buffers(|buffers| self.write_in(line, buffers)).is_none() {
            // The thread is ending: it has no buffers any more.
            self.write_in(line, &mut Buffers::new());
        }
    }

    #[inline(always)]
    fn write_in(&self, line: &Line<'_>, buffers: &mut Buffers) {
        let Buffers { place, long } = buffers;
        let payload = match line.write_to(place, long, self.max) {
            Some(len) => &place[..len],
            None => self.write_long(*line, long),
        };
        match &self.out {
            // What became of it the journal counts.
            Out::Journal(journal) => _ = journal.push(payload),
            Out::Captured(take) => take(&payload[HEADER..], line.context),
            Out::Elsewhere(_, take) => take(payload),
        }
        if long.capacity() > KEPT_BUFFER {
            long.clear();
            long.shrink_to(KEPT_BUFFER);
        }
    }

    /// One that does not fit the usual place, or has to be cut.
    #[inline(never)]
    fn write_long<'a>(&self, line: Line<'_>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
        line.write(buffer);
        if buffer.len() - HEADER > self.max {
            stats::CUT.add(1);
            cut(buffer, self.max);
        }
        buffer
    }
}

/// The longest record that is put together in one go, in bytes.
const PLACE: usize = 4096;

/// Counts a record.
#[inline(always)]
fn count(level: &Level, context: Option<&SpanContext>) {
    match context {
        Some(context) => context.request().made(level),
        None => {
            cold_path();
            stats::ORPHANED.add(1);
        }
    }
}

/// Calls `with` with the thread's buffers; `None` where it is ending.
#[inline(always)]
fn with_buffers<R>(with: impl FnOnce(&mut Buffers) -> R) -> Option<R> {
    thread_local! {
        static BUFFERS: RefCell<Buffers> = const { RefCell::new(Buffers::new()) };
    }
    BUFFERS.try_with(|buffers| with(&mut buffers.borrow_mut())).ok()
}

/// Where a thread puts its records together.
struct Buffers {
    /// Nearly all fit. Not in the journal itself: its memory is in another processor's cache, from the reader before, and so
    /// many small writes would wait for it, where one copy goes on behind the caller's back.
    place: [u8; PLACE],
    long: Vec<u8>,
}

impl Buffers {
    const fn new() -> Self {
        Buffers {
            place: [0; PLACE],
            long: Vec::new(),
        }
    }
}
