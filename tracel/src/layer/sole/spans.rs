//! The spans that live, by their ids. A thread makes its own in one of some shards, each under a lock, which others want
//! only when they enter, clone or close a span of that thread's.

use super::newest;
use crate::{
    apart::Apart,
    context::{SharedContext, memory},
};
use slab::Slab;
use std::{
    any::Any,
    cell::Cell,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tracing_core::{Metadata, span::Id};

/// A span.
struct Live {
    /// Which of those that had its place: an id that is kept longer than its span finds no other.
    turn: u32,
    /// How many own it.
    handles: usize,
    meta: &'static Metadata<'static>,
    context: SharedContext,
}

/// The spans of some threads.
struct Spans {
    /// That of the next one.
    turn: u32,
    live: Slab<Live>,
}

/// How many bits of an id say which shard, and then, which place in it; the rest is the turn.
const SHARD: u32 = 6;
const PLACE: u32 = 32;
const TURNS: u32 = 1 << (u64::BITS - SHARD - PLACE);

static SHARDS: [Apart<Mutex<Spans>>; 1 << SHARD] = [const {
    Apart(Mutex::new(Spans {
        turn: 1,
        live: Slab::new(),
    }))
}; 1 << SHARD];

/// What an id says.
struct Place {
    shard: usize,
    place: usize,
    turn: u32,
}

impl Place {
    #[inline(always)]
    fn of(id: &Id) -> Self {
        let id = id.into_u64();
        Place {
            shard: (id & ((1 << SHARD) - 1)) as usize,
            place: (id >> SHARD & ((1 << PLACE) - 1)) as usize,
            turn: (id >> (SHARD + PLACE)) as u32,
        }
    }

    #[inline(always)]
    fn id(&self) -> Id {
        let turn = u64::from(self.turn) << (SHARD + PLACE);
        Id::from_u64(turn | (self.place as u64) << SHARD | self.shard as u64)
    }
}

#[inline(always)]
fn lock(shard: usize) -> MutexGuard<'static, Spans> {
    SHARDS[shard].lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shard in which the thread makes its spans.
#[inline(always)]
fn own_shard() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<Option<usize>> = const { Cell::new(None) };
    }
    OWN.with(|own| {
        own.get().unwrap_or_else(|| {
            let next = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS.len();
            own.set(Some(next));
            next
        })
    })
}

/// A new span, with one handle.
#[inline(always)]
pub(super) fn add(meta: &'static Metadata<'static>, context: SharedContext) -> Id {
    let shard = own_shard();
    let newest = SharedContext::clone(&context);
    let mut spans = lock(shard);
    let turn = spans.turn;
    // Never 0, for an id is not.
    spans.turn = (turn + 1) % TURNS + u32::from(turn + 1 == TURNS);
    let place = spans.live.insert(Live {
        turn,
        handles: 1,
        meta,
        context,
    });
    drop(spans);
    let id = Place { shard, place, turn }.id();
    newest::set(&id, newest);
    id
}

/// Reads a span, if it lives.
#[inline(always)]
fn read<R>(id: &Id, read: impl FnOnce(&mut Live) -> R) -> Option<R> {
    let place = Place::of(id);
    let mut spans = lock(place.shard);
    let live = spans.live.get_mut(place.place)?;
    (live.turn == place.turn).then(|| read(live))
}

/// The context of a span that the thread enters.
#[inline(always)]
pub(super) fn entering(id: &Id) -> Option<SharedContext> {
    newest::take(id).or_else(|| context(id))
}

pub(super) fn context(id: &Id) -> Option<SharedContext> {
    read(id, |live| SharedContext::clone(&live.context))
}

/// What `tracing` wants to know of a span.
pub(super) fn meta(id: Id) -> Option<(Id, &'static Metadata<'static>)> {
    let meta = read(&id, |live| live.meta)?;
    Some((id, meta))
}

/// One handle more.
pub(super) fn share(id: &Id) {
    read(id, |live| live.handles += 1);
}

/// One handle less; whether it was the last, and the span is closed.
pub(super) fn give_up(id: &Id) -> bool {
    let place = Place::of(id);
    let mut spans = lock(place.shard);
    let last = match spans.live.get_mut(place.place) {
        Some(live) if live.turn == place.turn => {
            live.handles -= 1;
            live.handles == 0
        }
        _ => false,
    };
    let closed = last.then(|| spans.live.remove(place.place));
    // Before the span: it may be the last owner of those around it.
    drop(spans);
    if let Some(live) = closed {
        // One that was never entered: its memory has one owner now.
        drop(newest::take(id));
        memory::give_back(live.context);
    }
    last
}

/// The locks that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn Any> {
    let all: Vec<_> = (0..SHARDS.len()).map(lock).collect();
    Box::new(all)
}
