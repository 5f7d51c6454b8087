//! What a sink's thread does: it polls the journal, builds batches, sends them, tries again, and acknowledges.

use super::{
    Complete, Control, Options,
    job::{Job, Lines},
    report::Teller,
};
use crate::{
    journal::{self, Frame, Journal, Reader, Tally},
    sink::{Batching, SendError, Sent, Sink},
};
use std::{
    any::Any,
    collections::VecDeque,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

/// The pause of a thread with nothing to do doubles from the one to the other. Waking it for a record would cost the
/// caller some microseconds.
const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LAST_PAUSE: Duration = Duration::from_millis(5);
/// The longest rest after a failure while someone waits for a flush.
const URGENT_BACKOFF: Duration = Duration::from_millis(200);
/// The longest rest that the other side may ask for.
const LONGEST_REST: Duration = Duration::from_secs(300);

pub(super) struct Work {
    journal: Journal,
    reader: Reader,
    tally: Arc<Tally>,
    sink: Box<dyn Sink>,
    name: String,
    batching: Batching,
    complete: Complete,
    options: Options,
    control: Arc<Control>,
    /// The batch that is being built, and since when it has lines.
    open: Lines,
    since: Option<Instant>,
    spare: Lines,
    /// Those on their way, the oldest first.
    jobs: VecDeque<Job>,
    next_id: u64,
    /// Failures in a row, until when to rest for them, and whether people know.
    failures: u32,
    rest: Option<Instant>,
    told: bool,
    failing: Teller,
    refusing: Teller,
    dropping: Teller,
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
        journal: Journal,
        reader: Reader,
        sink: Box<dyn Sink>,
        complete: Complete,
        options: Options,
        control: Arc<Control>,
    ) -> Self {
        let teller = || Teller::new(options.report.clone(), options.report_every);
        Work {
            journal,
            tally: reader.tally(),
            reader,
            name: sink.name(),
            batching: sink.batching(),
            sink,
            complete,
            control,
            open: Lines::default(),
            since: None,
            spare: Lines::default(),
            jobs: VecDeque::new(),
            next_id: 1,
            failures: 0,
            rest: None,
            told: false,
            failing: teller(),
            refusing: teller(),
            dropping: teller(),
            options,
        }
    }

    pub(super) fn run(mut self) {
        journal::drain_here();
        self.tally.bell.hang_here();
        let mut pause = FIRST_PAUSE;
        let mut last = Wanted::default();
        let mut upto = None;
        loop {
            let Some(wanted) = self.wanted() else { return };
            if wanted != last {
                // Someone waits: try again now.
                self.rest = None;
                last = wanted;
            }
            if wanted.stop && upto.is_none() {
                upto = Some(self.journal.committed());
            }
            let urgent = wanted.flush || wanted.stop;
            let got = self.fill(urgent);
            let sent = self.send(urgent);
            let settled = self.settle(if got || sent { Duration::ZERO } else { pause }, urgent);
            let done = self.acknowledge();
            if upto.as_ref().is_some_and(|upto| self.reader.has_acked(upto)) {
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

    fn wanted(&self) -> Option<Wanted> {
        let orders = self.control.orders();
        (!orders.abandoned).then_some(Wanted {
            flush: !orders.flushes.is_empty(),
            stop: orders.stop,
            orders: orders.next,
        })
    }

    /// How long to sleep: while it rests it need not poll, since it could not take anything.
    fn nap(&self, pause: Duration) -> Duration {
        match self.rest {
            Some(rest) if self.is_full() => rest.saturating_duration_since(Instant::now()).max(pause),
            _ => pause,
        }
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= self.batching.in_flight
    }

    /// Takes what the journal has, and closes the batch when its time has come.
    fn fill(&mut self, urgent: bool) -> bool {
        if self.is_full() {
            return false;
        }
        let (open, batching, complete, counts) = (
            &mut self.open,
            &self.batching,
            &self.complete,
            &self.control.counts,
        );
        let (refusing, dropping, name) = (&mut self.refusing, &mut self.dropping, &self.name);
        let mut only_gaps = false;
        let got = self.reader.poll(|frame| {
            match frame {
                Frame::Record { lane, seq, payload } => {
                    let done = catch_unwind(AssertUnwindSafe(|| open.add(lane, seq, |out| complete(lane, seq, payload, out))));
                    if let Err(panic) = done {
                        open.cut_back();
                        counts.refused.fetch_add(1, Relaxed);
                        let why = message(&*panic);
                        refusing.tell(|| format!("sink {name}: record {seq} of lane {lane} cannot be completed: {why}"));
                    }
                }
                Frame::Gap { lane, seq, count } => {
                    only_gaps = true;
                    dropping.tell(|| {
                        format!("{count} records were lost (lane {lane}, from seq {seq}): the journal was full, or they were longer than it takes")
                    });
                }
                Frame::Missed { lane, seq, count, records } => {
                    only_gaps = true;
                    counts.overrun.fetch_add(records, Relaxed);
                    dropping.tell(|| {
                        format!("sink {name} was too slow for {records} records (lane {lane}, from seq {seq}, {count} numbers), and missed them")
                    });
                }
            }
            if open.bytes() >= batching.bytes || open.len() >= batching.lines {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let full = self.open.bytes() >= self.batching.bytes || self.open.len() >= self.batching.lines;
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.open.len() == 0 {
            self.since = None;
            if got == 0 {
                return false;
            }
        } else if !(full || urgent || since.elapsed() >= self.batching.linger || only_gaps) {
            return got > 0;
        }
        let lines = std::mem::replace(&mut self.open, std::mem::take(&mut self.spare));
        self.jobs
            .push_back(Job::new(self.next_id, lines, self.reader.mark()));
        self.next_id += 1;
        self.since = None;
        true
    }

    /// Sends what is due. True when anything moved.
    fn send(&mut self, urgent: bool) -> bool {
        let mut moved = false;
        while self.rest.is_none_or(|rest| rest <= Instant::now()) {
            self.rest = None;
            let (mut next, mut under_way) = (None, 0);
            for (job, piece, sent) in self.jobs.iter().enumerate().flat_map(|(at, job)| {
                job.pieces
                    .iter()
                    .enumerate()
                    .map(move |(piece, it)| (at, piece, it.sent))
            }) {
                under_way += usize::from(sent);
                if !sent && next.is_none() {
                    next = Some((job, piece));
                }
            }
            let Some((job, piece)) = next.filter(|_| under_way < self.batching.in_flight) else {
                break;
            };
            let batch = self.jobs[job].batch(piece);
            let sink = &mut self.sink;
            let result = catch_unwind(AssertUnwindSafe(|| sink.send(&batch)))
                .unwrap_or_else(|panic| Err(SendError::retry(format!("it panicked: {}", message(&*panic)))));
            match result {
                Ok(Sent::Pending) => self.jobs[job].pieces[piece].sent = true,
                Ok(Sent::Acknowledged) => self.outcome(job, piece, Ok(()), urgent),
                Err(error) => self.outcome(job, piece, Err(error), urgent),
            }
            moved = true;
            if self.wanted().is_none() {
                break;
            }
        }
        moved
    }

    /// Hears what became of pending batches.
    fn settle(&mut self, wait: Duration, urgent: bool) -> bool {
        if !self
            .jobs
            .iter()
            .flat_map(|job| &job.pieces)
            .any(|piece| piece.sent)
        {
            return false;
        }
        let mut reports = Vec::new();
        let until = Instant::now() + wait;
        let sink = &mut self.sink;
        let done = catch_unwind(AssertUnwindSafe(|| {
            sink.settle(until, &mut |id, result| reports.push((id, result)))
        }));
        if let Err(panic) = done {
            self.failed(&format!("it panicked: {}", message(&*panic)), None, urgent);
        }
        for (id, result) in &reports {
            let found = self.jobs.iter().enumerate().find_map(|(at, job)| {
                let piece = job
                    .pieces
                    .iter()
                    .position(|piece| piece.id == *id && piece.sent)?;
                Some((at, piece))
            });
            if let Some((job, piece)) = found {
                self.outcome(job, piece, result.clone(), urgent);
            }
        }
        !reports.is_empty()
    }

    fn outcome(&mut self, at: usize, piece: usize, result: Result<(), SendError>, urgent: bool) {
        let job = &mut self.jobs[at];
        let lines = job.pieces[piece].lines.len();
        let name = &self.name;
        job.pieces[piece].sent = false;
        match result {
            Ok(()) => {
                job.shipped += lines as u64;
                job.pieces.remove(piece);
                self.failures = 0;
                if std::mem::take(&mut self.told) {
                    self.options.report.say(&format!("sink {name} delivers again"));
                }
            }
            Err(SendError::Retry { why, after }) => self.failed(&why, after, urgent),
            Err(SendError::Refused { .. }) if lines > 1 => {
                job.split(piece, self.next_id);
                self.next_id += 2;
            }
            Err(SendError::Refused { why }) => {
                let (lane, seq) = job.origin(piece);
                self.refusing.tell(|| {
                    format!("sink {name} refused record {seq} of lane {lane}, which is set aside: {why}")
                });
                job.refused += 1;
                job.pieces.remove(piece);
            }
            Err(SendError::Closed { why }) => {
                self.dropping
                    .tell(|| format!("sink {name} is closed, {lines} records are lost: {why}"));
                job.lost += lines as u64;
                job.pieces.remove(piece);
            }
        }
    }

    /// Rests after a failure, the longer the more there were, and tells.
    fn failed(&mut self, why: &str, after: Option<Duration>, urgent: bool) {
        let longest = if urgent {
            URGENT_BACKOFF
        } else {
            self.options.max_backoff
        };
        let backoff = self
            .options
            .backoff
            .saturating_mul(1 << self.failures.min(20))
            .min(longest);
        // Half of it by chance, so that many services do not come back at once.
        let backoff = backoff.mul_f64(0.5 + 0.5 * fastrand::f64());
        let backoff = backoff.max(after.unwrap_or_default().min(LONGEST_REST));
        self.rest = Some(Instant::now() + backoff);
        self.failures += 1;
        self.control.counts.retried.fetch_add(1, Relaxed);
        let name = &self.name;
        self.told |= self
            .failing
            .tell(|| format!("sink {name} fails, and will be tried again: {why}"));
    }

    /// Moves the cursor over what has arrived, in order, and answers flushes.
    fn acknowledge(&mut self) -> bool {
        let control = self.control.clone();
        // Under this lock, so that `stop` counts each record as either shipped or lost.
        let mut orders = control.orders();
        if orders.abandoned {
            return false;
        }
        let mut moved = false;
        while self.jobs.front().is_some_and(|job| job.pieces.is_empty()) {
            let Some(job) = self.jobs.pop_front() else { break };
            let counts = &control.counts;
            counts.shipped.fetch_add(job.shipped, Relaxed);
            counts.refused.fetch_add(job.refused, Relaxed);
            counts.lost.fetch_add(job.lost, Relaxed);
            let (mark, lines) = job.finish();
            self.spare = lines;
            self.reader.ack(mark);
            moved = true;
        }
        if !orders.flushes.is_empty() {
            orders.flushes.retain(|(_, upto)| !self.reader.has_acked(upto));
            control.done.notify_all();
        }
        moved
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
