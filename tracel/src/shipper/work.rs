//! What a sink's thread does, in rounds: it takes records (`fill`), sends them and hears what became of them (`deliver`),
//! and moves the cursors (`acknowledge`); when the sink is behind, it puts them on disk (`spill`). Here the round, and what the thread knows.

mod acknowledge;
mod deliver;
mod fill;
mod spill;

use super::{
    Control, Options, Order, Source,
    job::{Job, Lines},
    report::Tellers,
};
use crate::{
    journal::{self, Journal, OnFull, Tally},
    sink::{Batching, Sink},
    spool::Spool,
};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// The pause of a thread doubles from the one to the other as long as its looks bring little, and is halved where they bring
/// [`MUCH`]. Waking it for a record would cost the caller some microseconds; and to look again soon because something was
/// there took 7 % of a core for a thousand records a second, where this takes 1.
const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LAST_PAUSE: Duration = Duration::from_millis(5);
/// In bytes of lines. Less than what is made ready for writers ahead of them.
const MUCH: usize = 256 << 10;

/// How much of the time before a deadline is kept for putting on disk what was not delivered.
const KEEPING: Duration = Duration::from_secs(1);

pub(super) struct Work {
    /// The process's own source; without one the thread ends with the adopted ones.
    own: Option<Source>,
    /// Those of dead processes, with their numbers. The first is shipped first, and all of them before the own.
    adopted: VecDeque<(u64, Source)>,
    /// The own source's records that were put on disk, and when to try again to put more there, after it took none.
    spool: Option<Spool>,
    spills_again: Option<Instant>,
    /// How long a sink may take for its next acknowledgement while the journal runs short, since when it does, and whether
    /// the sink has acknowledged anything since something was put on disk.
    patience: Duration,
    short: Option<Instant>,
    heard: bool,
    tally: Arc<Tally>,
    sink: Box<dyn Sink>,
    name: String,
    batching: Batching,
    options: Options,
    control: Arc<Control>,
    /// The own source's batch that is being built, and since when it has lines.
    open: Lines,
    since: Option<Instant>,
    spare: Vec<Lines>,
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
    stop: Option<Instant>,
    orders: u64,
}

/// What a look for records has brought.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// All that there was, in lines of so many bytes.
    All { bytes: usize },
    /// All that goes at once: there may be more.
    Batch,
}

impl Filled {
    const NOTHING: Filled = Filled::All { bytes: 0 };
}

impl Work {
    pub(super) fn new(
        own: Option<Source>,
        spool: Option<Spool>,
        tally: Arc<Tally>,
        sink: Box<dyn Sink>,
        options: Options,
        control: Arc<Control>,
    ) -> Self {
        let batching = sink.batching();
        Work {
            patience: patience(own.as_ref().and_then(|own| own.origin.journal()), &options),
            short: None,
            heard: false,
            own,
            adopted: VecDeque::new(),
            spool,
            spills_again: None,
            tally,
            name: sink.name(),
            open: Lines::for_batch(&batching),
            batching,
            sink,
            control,
            since: None,
            spare: Vec::new(),
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
        self.count_kept();
        let mut end = None;
        loop {
            if let Some(journal) = self.own.as_ref().and_then(|own| own.origin.journal()) {
                journal.warm();
            }
            let Some(wanted) = self.wanted() else { return };
            if wanted != last {
                // Someone waits: try again now.
                self.rest = None;
                last = wanted;
            }
            if let (Some(deadline), None) = (wanted.stop, &end) {
                let order = Order::of(self.own.as_ref().and_then(|own| own.origin.journal()));
                // What is not delivered by then is put on disk, as long as there is time for that.
                let left = deadline.saturating_duration_since(Instant::now());
                end = Some((order, deadline - (left / 4).min(KEEPING)));
            }
            let urgent = wanted.flush || wanted.stop.is_some();
            // What is ready goes before more is made ready, which takes its time.
            self.send(urgent);
            let spilled = self.spill();
            let filled = self.fill(urgent);
            self.send(urgent);
            let is_more = spilled || filled == Filled::Batch;
            let until = Instant::now() + if is_more { Duration::ZERO } else { pause };
            let settled = self.settle(until, urgent);
            self.acknowledge();
            let parted = self.part();
            let is_over = end.as_mut().is_some_and(|(order, keeping)| {
                self.has_reached(order) || (*keeping <= Instant::now() && self.keep(order))
            });
            if is_over {
                self.control.orders().ended = true;
                self.control.done.notify_all();
                return;
            }
            if is_more {
                pause = FIRST_PAUSE;
                continue;
            }
            if settled || parted {
                continue;
            }
            // Also after a batch that was not full: who reads each record as it comes takes its memory from the one who writes,
            // and a core from all.
            let left = until.saturating_duration_since(Instant::now());
            self.tally.bell.sleep(self.nap(left));
            pause = match filled {
                Filled::All { bytes } if bytes >= MUCH => (pause / 2).max(FIRST_PAUSE),
                Filled::All { bytes } if bytes >= MUCH / 4 => pause,
                _ => (pause * 2).min(LAST_PAUSE),
            };
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

    /// Whether it has all that may be under way, and one batch more that is ready to follow.
    fn is_full(&self) -> bool {
        self.jobs.len() > self.batching.in_flight
    }

    /// Whether what an order waits for is delivered.
    fn has_reached(&self, order: &mut Order) -> bool {
        match (&self.own, order) {
            (Some(own), Order::Own { upto, spooled }) => {
                own.origin.has_acked(upto)
                    && self.spool.as_ref().is_none_or(|spool| {
                        // What of it went to disk lies before what is committed now.
                        let upto = *spooled.get_or_insert_with(|| spool.committed());
                        spool.delivered() >= upto
                    })
            }
            _ => self.adopted.is_empty(),
        }
    }
}

/// Nobody waits under a policy that loses records instead; and where they do, most of their time is left for the disk.
fn patience(journal: Option<&Journal>, options: &Options) -> Duration {
    match journal.map(Journal::on_full) {
        Some(OnFull::Block(time)) => options.patience.min(time / 8),
        _ => Duration::ZERO,
    }
}
