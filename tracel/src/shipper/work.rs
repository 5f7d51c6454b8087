//! What a sink's thread does, in rounds: it takes records (`fill`), sends them and hears what became of them (`deliver`),
//! and moves the cursors (`acknowledge`). Here the round, and what the thread knows.

mod acknowledge;
mod deliver;
mod fill;

use super::{
    Control, Options, Order, Source,
    job::{Job, Lines},
    report::Tellers,
};
use crate::{
    journal::{self, Tally},
    sink::{Batching, Sink},
};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// The pause of a thread with nothing to do doubles from the one to the other. Waking it for a record would cost the
/// caller some microseconds.
const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LAST_PAUSE: Duration = Duration::from_millis(5);

pub(super) struct Work {
    /// The process's own source; without one the thread ends with the adopted ones.
    own: Option<Source>,
    /// Those of dead processes, with their numbers. The first is shipped first, and all of them before the own.
    adopted: VecDeque<(u64, Source)>,
    tally: Arc<Tally>,
    sink: Box<dyn Sink>,
    name: String,
    batching: Batching,
    options: Options,
    control: Arc<Control>,
    /// The own source's batch that is being built, and since when it has lines.
    open: Lines,
    since: Option<Instant>,
    spare: Lines,
    /// Those on their way, the oldest first.
    jobs: VecDeque<Job>,
    next_id: u64,
    next_source: u64,
    /// Failures in a row, until when to rest for them, and whether people know.
    failures: u32,
    rest: Option<Instant>,
    told: bool,
    tellers: Tellers,
}

/// What the handle wants.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Wanted {
    flush: bool,
    stop: bool,
    orders: u64,
}

impl Work {
    pub(super) fn new(
        own: Option<Source>,
        tally: Arc<Tally>,
        sink: Box<dyn Sink>,
        options: Options,
        control: Arc<Control>,
    ) -> Self {
        Work {
            own,
            adopted: VecDeque::new(),
            tally,
            name: sink.name(),
            batching: sink.batching(),
            sink,
            control,
            open: Lines::default(),
            since: None,
            spare: Lines::default(),
            jobs: VecDeque::new(),
            next_id: 1,
            next_source: 1,
            failures: 0,
            rest: None,
            told: false,
            tellers: Tellers::new(&options.report, options.report_every),
            options,
        }
    }

    pub(super) fn run(mut self) {
        journal::drain_here();
        self.tally.bell.hang_here();
        let mut pause = FIRST_PAUSE;
        let mut last = Wanted::default();
        let mut end = None;
        loop {
            let Some(wanted) = self.wanted() else { return };
            if wanted != last {
                // Someone waits: try again now.
                self.rest = None;
                last = wanted;
            }
            if wanted.stop && end.is_none() {
                end = Some(Order::of(self.own.as_ref().and_then(|own| own.origin.journal())));
            }
            let urgent = wanted.flush || wanted.stop;
            let got = self.fill(urgent);
            let sent = self.send(urgent);
            let settled = self.settle(if got || sent { Duration::ZERO } else { pause }, urgent);
            let done = self.acknowledge() | self.part();
            if end.as_ref().is_some_and(|end| self.has_reached(end)) {
                self.control.orders().ended = true;
                self.control.done.notify_all();
                return;
            }
            if got || sent || settled || done {
                pause = FIRST_PAUSE;
            } else {
                self.tally.bell.sleep(self.nap(pause));
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
    }

    /// Looks at the orders, and takes in what is to be adopted. `None`: nobody waits for this thread any more.
    fn wanted(&mut self) -> Option<Wanted> {
        let mut orders = self.control.orders();
        for source in orders.adopt.drain(..) {
            self.adopted.push_back((self.next_source, source));
            self.next_source += 1;
        }
        (!orders.abandoned).then_some(Wanted {
            flush: !orders.flushes.is_empty(),
            stop: orders.stop,
            orders: orders.next,
        })
    }

    /// How long to sleep: while it rests it need not poll, since it could not take anything. Batches under way may be
    /// settled meanwhile, though.
    fn nap(&self, pause: Duration) -> Duration {
        match self.rest {
            Some(rest) if self.is_full() && !self.awaits() => {
                rest.saturating_duration_since(Instant::now()).max(pause)
            }
            _ => pause,
        }
    }

    /// Whether the sink has batches of which it will still tell.
    fn awaits(&self) -> bool {
        let mut pieces = self.jobs.iter().flat_map(|job| &job.pieces);
        pieces.any(|piece| piece.sent)
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= self.batching.in_flight
    }

    /// Whether what an order waits for is delivered.
    fn has_reached(&self, order: &Order) -> bool {
        match (&self.own, order) {
            (Some(own), Order::Own(upto)) => own.origin.has_acked(upto),
            _ => self.adopted.is_empty(),
        }
    }
}
