//! The ledger: a thread that tells, by records of TraceL's own, what flood control held back and what each lane has
//! counted. How such a record looks is said in `encode`; losses are announced by the shippers.

#[cfg(test)]
mod tests;

use crate::{
    Error, callsite,
    encode::{
        cut::cut,
        own::{self, End},
    },
    journal::{Journal, fork},
    layer::flood::Floods,
    shipper::Report,
    stats::stats,
    threads,
};
use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often a census is taken, if anything was logged since the last.
const CENSUS: Duration = Duration::from_secs(10);
/// How often it looks whether something is to be told.
const TICK: Duration = Duration::from_millis(500);
/// How often at most it tells people of losses.
const REPORT: Duration = Duration::from_secs(60);
/// The longest that a log's end waits for the last census.
const PATIENCE: Duration = Duration::from_secs(2);

/// The ledger of one journal. Its thread ends with it.
pub(crate) struct Ledger {
    desk: Arc<Desk>,
    /// The process that has its thread.
    generation: u32,
}

/// What the handle and the thread share.
#[derive(Default)]
struct Desk {
    orders: Mutex<Orders>,
    /// Told when there is an order, and when it is done.
    change: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Orders {
    /// Tell all that flood control holds.
    tell: bool,
    /// And close the books.
    end: bool,
    /// Nobody needs it any more.
    leave: bool,
}

/// What the thread has.
struct Books {
    journal: Journal,
    /// The longest payload's JSON.
    max: usize,
    floods: Option<Arc<Floods>>,
    /// The sum of all lanes' seqs after the last census, with its own.
    counted: u64,
    /// When the last census was taken.
    taken: Instant,
    /// What was told of losses, and when.
    told: (u64, Option<Instant>),
    /// Whether it was told that somebody has removed the journal's file.
    removed: bool,
    /// Whether it was told that the journal's memory is gone.
    cut: bool,
    report: Report,
}

impl Ledger {
    /// Keeps the books of this journal. `max` is the longest payload's JSON in bytes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(journal: Journal, max: usize, floods: Option<Arc<Floods>>) -> Result<Ledger, Error> {
        let desk = Arc::<Desk>::default();
        let mut books = Books::new(journal, max, floods, Report::default());
        let here = Arc::clone(&desk);
        threads::start("tracel ledger", Box::new(move || books.keep(&here)))
            .map_err(|error| Error::new("no thread for the ledger").because(error))?;
        Ok(Ledger {
            desk,
            generation: fork::generation(),
        })
    }

    /// Tells what flood control holds, and waits until that is in the journal, but not for long.
    pub(crate) fn tell(&self, deadline: Instant) {
        self.order(deadline, |orders| orders.tell = true);
    }

    /// Tells what flood control holds, takes the last census, and waits until that is in the journal, but not for long.
    pub(crate) fn end(&self, deadline: Instant) {
        self.order(deadline, |orders| (orders.tell, orders.end) = (true, true));
    }

    fn order(&self, deadline: Instant, give: impl FnOnce(&mut Orders)) {
        let time = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
        let mut orders = self.desk.orders.lock().unwrap_or_else(PoisonError::into_inner);
        give(&mut orders);
        self.desk.change.notify_all();
        let open = |orders: &mut Orders| orders.tell || orders.end;
        drop(self.desk.change.wait_timeout_while(orders, time, open));
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if self.generation != fork::generation() {
            // A forked child has a copy of the handle, and no such thread.
            return;
        }
        let mut orders = self.desk.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.leave = true;
        self.desk.change.notify_all();
    }
}

impl Books {
    fn new(journal: Journal, max: usize, floods: Option<Arc<Floods>>, report: Report) -> Self {
        Books {
            journal,
            max,
            floods,
            counted: 0,
            taken: Instant::now(),
            told: (0, None),
            removed: false,
            cut: false,
            report,
        }
    }

    fn keep(&mut self, desk: &Desk) {
        loop {
            let orders = desk.orders.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = |orders: &mut Orders| !(orders.tell || orders.end || orders.leave);
            let (orders, _) = desk
                .change
                .wait_timeout_while(orders, TICK, idle)
                .unwrap_or_else(PoisonError::into_inner);
            let order = *orders;
            // Not held while it logs.
            drop(orders);
            if order.leave {
                return;
            }
            self.tell_held(order.tell);
            self.tell_removed();
            self.journal.note_lanes();
            if !self.cut && self.journal.is_cut() {
                self.cut = true;
                if let Err(error) = self.journal.mend() {
                    self.report.say(&format!(
                        "the journal's file that was cut cannot be mended: {error}"
                    ));
                }
                self.report.say(
                    "somebody has made the journal's file shorter, or its disk cannot be read (SIGBUS): what sinks had not taken of it is lost, and the log goes on in another one",
                );
            }
            if order.end {
                self.census(Some(End::Clean));
                self.tell_losses(true);
            } else if self.taken.elapsed() >= CENSUS {
                self.census(None);
                self.tell_losses(false);
            }
            if order.tell || order.end {
                let mut orders = desk.orders.lock().unwrap_or_else(PoisonError::into_inner);
                (orders.tell, orders.end) = (false, false);
                desk.change.notify_all();
            }
        }
    }

    /// Tells what was held back: where an interval is over, or all.
    fn tell_held(&self, all: bool) {
        callsite::tell_held(all);
        if let Some(floods) = &self.floods {
            floods.take(all, |first, count| {
                self.push(|payload| first.write(count, payload));
            });
        }
    }

    /// Takes a census, unless nothing was logged since the last but what it wrote itself. One that ends the log is taken
    /// where anything was logged ever.
    fn census(&mut self, end: Option<End>) {
        self.taken = Instant::now();
        if self.journal.is_cut() {
            // What is written now is in the journal that goes on, whose ledger counts it.
            return;
        }
        let lanes: Vec<u64> = self.journal.lanes().iter().map(|lane| lane.next_seq).collect();
        let sum: u64 = lanes.iter().sum();
        if sum == 0 || (sum == self.counted && end.is_none()) {
            return;
        }
        let mut parts = 0;
        own::census(&lanes, Some(&stats()), end, self.max, |payload| {
            parts += 1;
            // One that is dropped takes its seq like any record, and is announced.
            let _ = self.journal.push(payload);
        });
        self.counted = sum + parts;
    }

    fn push(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut payload = Vec::new();
        write(&mut payload);
        cut(&mut payload, self.max);
        // What became of it the journal counts.
        let _ = self.journal.push(&payload);
    }

    /// Says on stderr, once, that somebody has removed the journal's file: the service goes on, with less.
    fn tell_removed(&mut self) {
        if !self.removed && self.journal.is_removed() {
            self.removed = true;
            self.report.say(
                "somebody has removed the journal's file: sinks have what is logged as before, but what they have not taken when this process is killed is lost; start the service again to have another one",
            );
        }
    }

    /// Says on stderr what was counted, when records were lost since it last did.
    fn tell_losses(&mut self, at_end: bool) {
        let stats = stats();
        let (told, at) = self.told;
        let rests = !at_end && at.is_some_and(|at| at.elapsed() < REPORT);
        if stats.losses() > told && !rests {
            self.report
                .say(&format!("records were lost; counted since the start: {stats}"));
            self.told = (stats.losses(), Some(Instant::now()));
        }
    }
}
