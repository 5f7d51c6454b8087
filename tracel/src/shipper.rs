//! The shipper: one thread a sink, which carries records from journals to it. Here its handle; where records come from is
//! in `source`, the thread's work in `work`, what it holds in `job`, what it tells people in `report`. How a sink
//! delivers is the sink's business.

mod aside;
mod job;
mod left;
mod origin;
mod report;
mod source;
#[cfg(test)]
mod tests;
mod work;

pub use crate::report::Report;
pub use left::give_up;
pub use source::Source;

use crate::{
    Error,
    journal::{self, Journal, Tally},
    loss::Loss,
    sink::Sink,
    spool::{self, Spool},
    stats::{self, Stats},
    threads,
};
use left::Left;
use std::{
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Appends one finished line of NDJSON, made of a record's lane, seq and payload. A missing line feed is added; when
/// nothing is appended, the record is not for this sink.
pub type Complete = Arc<dyn Fn(u32, u64, &[u8], &mut Vec<u8>) + Send + Sync>;

/// Appends the line that stands in place of lost records, see [`Source::announcing`].
pub type Announce = Arc<dyn Fn(&Loss, &mut Vec<u8>) + Send + Sync>;

/// How a shipper works.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The first pause after a failure: 100 ms; it doubles with each further one.
    pub backoff: Duration,
    /// The longest: 10 s.
    pub max_backoff: Duration,
    /// Where callers wait for room ([`OnFull::Block`](crate::OnFull::Block)): how long they do so for a sink that fails at
    /// nothing, before its records go over the disk, and at most an eighth of their time: 50 ms.
    pub patience: Duration,
    /// Where it tells of failures and losses: stderr.
    pub report: Report,
    /// How often at most it tells of one kind of them: once a minute.
    pub report_every: Duration,
    /// Where it keeps records on disk while the sink is behind: nowhere, they stay in the journal. For a process's own
    /// source only.
    pub spool: Option<(PathBuf, spool::Options)>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
            patience: Duration::from_millis(50),
            report: Report::default(),
            report_every: Duration::from_secs(60),
            spool: None,
        }
    }
}

/// How long a stop waits beyond its deadline for what is to be put on disk.
const GRACE: Duration = Duration::from_millis(500);

/// One sink's thread. Dropped without [`stop`](Shipper::stop), it leaves undelivered what is.
pub struct Shipper {
    control: Arc<Control>,
    tally: Arc<Tally>,
    /// The own source's.
    journal: Option<Journal>,
    name: String,
    report: Report,
    /// Whether what is not delivered can be put on disk.
    keeps: bool,
    /// The process that has its thread.
    generation: u32,
}

/// What the handle and the thread share.
#[derive(Default)]
struct Control {
    orders: Mutex<Orders>,
    /// Told when an order is done.
    done: Condvar,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Orders {
    /// Flushes that wait: their number, and what for.
    flushes: Vec<(u64, Order)>,
    next: u64,
    /// Sources that are to be adopted.
    adopt: Vec<Source>,
    /// No more waiting: ship what is there until then, and end.
    stop: Option<Instant>,
    /// It has ended, by itself.
    ended: bool,
    /// Nobody waits for it any more: what it does from now on does not count.
    abandoned: bool,
    /// What is kept for the next start was told.
    told: bool,
}

/// What must be delivered before someone goes on.
enum Order {
    /// The own source's records below these seqs, by lane; once these are out of the journal, what of them is on disk
    /// lies below `spooled`.
    Own { upto: Vec<u64>, spooled: Option<u64> },
    /// All adopted sources.
    Adopted,
}

impl Order {
    /// All that there is now.
    fn of(own: Option<&Journal>) -> Self {
        own.map_or(Order::Adopted, |journal| Order::Own {
            upto: journal.committed(),
            spooled: None,
        })
    }
}

#[derive(Default)]
struct Counts {
    shipped: AtomicU64,
    retried: AtomicU64,
    refused: AtomicU64,
    lost: AtomicU64,
    announced: AtomicU64,
    pending: AtomicU64,
    /// How many are on disk now.
    kept: AtomicU64,
}

impl Shipper {
    /// Starts a sink's thread, for the process's own source. What is [adopted](Shipper::adopt) is shipped before it.
    ///
    /// # Errors
    /// When the system gives no thread, or the spool's folder cannot be used.
    pub fn start(own: Source, sink: Box<dyn Sink>, options: Options) -> Result<Shipper, Error> {
        Shipper::with(Some(own), sink, options)
    }

    /// Starts a sink's thread for sources that are [adopted](Shipper::adopt) alone: [`flush`](Shipper::flush) waits for
    /// all of them, and [`stop`](Shipper::stop) leaves in their journals what is not delivered then.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn recover(sink: Box<dyn Sink>, options: Options) -> Result<Shipper, Error> {
        Shipper::with(None, sink, options)
    }

    fn with(own: Option<Source>, mut sink: Box<dyn Sink>, mut options: Options) -> Result<Shipper, Error> {
        let name = sink.name();
        let spool = match options.spool.take().filter(|_| own.is_some()) {
            Some((folder, options)) => Some(Spool::open(&folder, options)?),
            None => None,
        };
        if spool.is_some() && sink.batching().in_flight == 1 {
            // More than one under way have only sinks that do not block.
            sink = aside::aside(sink)?;
        }
        let shipper = Shipper {
            control: Arc::default(),
            tally: own
                .as_ref()
                .and_then(|own| own.origin.tally())
                .unwrap_or_default(),
            journal: own.as_ref().and_then(|own| own.origin.journal().cloned()),
            name: name.clone(),
            report: options.report.clone(),
            keeps: spool.is_some(),
            generation: journal::fork::generation(),
        };
        // Before anybody can log: its thread may take its time to begin.
        if let (Some(own), Some(_)) = (&own, &spool) {
            own.origin.hold(true);
        }
        let counts: Weak<Counts> = Arc::downgrade(&shipper.control.counts);
        stats::register(counts);
        let work = work::Work::new(
            own,
            spool,
            shipper.tally.clone(),
            sink,
            options,
            shipper.control.clone(),
        );
        let short = format!("tracel {}", name.split(':').next().unwrap_or_default());
        threads::start(&short, Box::new(move || work.run()))
            .map_err(|error| Error::new("no thread for this sink").at(name).because(error))?;
        Ok(shipper)
    }

    /// Ships a dead process's records too: after those that were adopted before, before the process's own.
    pub fn adopt(&self, source: Source) {
        self.control.orders().adopt.push(source);
        self.tally.bell.wake();
    }

    /// Waits until everything that was pushed before this call to the own source's journal, by this thread or one that it
    /// has heard of since, is acknowledged by the sink. False when it is not by `deadline`; then nothing is lost yet, either. Called on the
    /// thread of a sink it returns false at once.
    pub fn flush(&self, deadline: Instant) -> bool {
        let flush = self.order_flush();
        self.await_flush(flush, deadline)
    }

    fn order_flush(&self) -> u64 {
        let order = Order::of(self.journal.as_ref());
        let mut orders = self.control.orders();
        let number = orders.next;
        orders.next += 1;
        orders.flushes.push((number, order));
        self.tally.bell.wake();
        number
    }

    fn await_flush(&self, number: u64, deadline: Instant) -> bool {
        let waits = |orders: &mut Orders| {
            let open = orders.flushes.iter().any(|(flush, _)| *flush == number);
            open && !(orders.ended || orders.abandoned || journal::drains())
        };
        let mut orders = self.control.wait(self.control.orders(), deadline, waits);
        let open = orders.flushes.len();
        orders.flushes.retain(|(flush, _)| *flush != number);
        // One that is taken out here was not reached.
        open == orders.flushes.len() && !orders.abandoned
    }

    /// Ships what is there and ends the thread. What is not acknowledged by `deadline` is put on disk and counted as
    /// pending, where there is a spool, and so is what a journal in a file holds; else it is counted as lost. Both are told on stderr, and a sink that does not
    /// answer is left behind. True when nothing was lost by that.
    pub fn stop(&self, deadline: Instant) -> bool {
        self.order_stop(deadline);
        self.await_stop(deadline)
    }

    fn order_stop(&self, deadline: Instant) {
        self.control.orders().stop.get_or_insert(deadline);
        self.tally.bell.wake();
    }

    fn await_stop(&self, deadline: Instant) -> bool {
        let waits = |orders: &mut Orders| !(orders.ended || orders.abandoned || journal::drains());
        let grace = if self.keeps {
            Instant::now() + GRACE
        } else {
            deadline
        };
        let mut orders = self
            .control
            .wait(self.control.orders(), deadline.max(grace), waits);
        if orders.abandoned {
            return false;
        }
        let mut left = match &self.journal {
            Some(journal) if !orders.ended => Left::of(journal, &self.tally),
            _ => Left::default(),
        };
        orders.abandoned = !orders.ended;
        if !std::mem::replace(&mut orders.told, true) {
            left.kept += self.control.counts.kept.load(Relaxed);
        }
        drop(orders);
        left.tell(&self.name, &self.report, &self.control.counts)
    }

    /// Whether it has ended, and the sink has acknowledged all that was its own: nothing is left anywhere.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        let written = self.journal.as_ref().map_or(0, Journal::written);
        let ended = self.control.orders().ended;
        ended && self.control.counts.kept.load(Relaxed) == 0 && self.tally.done() >= written
    }

    /// The sink's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// [`Shipper::flush`] for all at once: one that does not answer takes no time from the others.
pub fn flush_all(shippers: &[Shipper], deadline: Instant) -> bool {
    let flushes: Vec<u64> = shippers.iter().map(Shipper::order_flush).collect();
    let all = shippers.iter().zip(flushes);
    // Each is waited for, also after one that failed.
    all.map(|(shipper, flush)| shipper.await_flush(flush, deadline))
        .filter(|done| !done)
        .count()
        == 0
}

/// [`Shipper::stop`] for all at once: one that does not answer takes no time from the others.
pub fn stop_all(shippers: &[Shipper], deadline: Instant) -> bool {
    shippers.iter().for_each(|shipper| shipper.order_stop(deadline));
    shippers
        .iter()
        .map(|shipper| shipper.await_stop(deadline))
        .filter(|done| !done)
        .count()
        == 0
}

impl Drop for Shipper {
    fn drop(&mut self) {
        // A forked child has a copy of the handle, and no such thread.
        if self.generation == journal::fork::generation() {
            self.stop(Instant::now());
        }
    }
}

impl Control {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        orders: MutexGuard<'a, Orders>,
        deadline: Instant,
        waits: impl FnMut(&mut Orders) -> bool,
    ) -> MutexGuard<'a, Orders> {
        let time = deadline.saturating_duration_since(Instant::now());
        self.done
            .wait_timeout_while(orders, time, waits)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

impl stats::Source for Counts {
    fn add_to(&self, sum: &mut Stats) {
        stats::add(&mut sum.shipped, self.shipped.load(Relaxed));
        stats::add(&mut sum.retried, self.retried.load(Relaxed));
        stats::add(&mut sum.refused, self.refused.load(Relaxed));
        stats::add(&mut sum.lost, self.lost.load(Relaxed));
        stats::add(&mut sum.announced, self.announced.load(Relaxed));
        stats::add(&mut sum.pending, self.pending.load(Relaxed));
    }
}

impl Drop for Counts {
    fn drop(&mut self) {
        stats::retire(self);
    }
}
