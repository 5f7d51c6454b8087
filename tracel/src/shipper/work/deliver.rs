//! Sending batches, hearing what became of them, and resting after failures. Nothing is acknowledged here.

use super::Work;
use crate::{
    loss::{Loss, Reason},
    shipper::{
        Announce,
        job::{OWN, SPOOL},
        source::message,
    },
    sink::{SendError, Sent},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

/// The longest rest after a failure while someone waits for a flush.
const URGENT_BACKOFF: Duration = Duration::from_millis(200);
/// The longest rest that the other side may ask for.
const LONGEST_REST: Duration = Duration::from_secs(300);

impl Work {
    /// Sends what is due.
    pub(super) fn send(&mut self, urgent: bool) {
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
            if self.wanted().is_none() {
                break;
            }
        }
    }

    /// Hears what became of pending batches.
    pub(super) fn settle(&mut self, until: Instant, urgent: bool) -> bool {
        if !self.awaits() {
            return false;
        }
        let mut reports = Vec::new();
        let sink = &mut self.sink;
        let done = catch_unwind(AssertUnwindSafe(|| {
            sink.settle(until, &mut |id, result| reports.push((id, result)));
            sink.trouble()
        }));
        match done {
            Ok(None) => {}
            Ok(Some(why)) => self.tell_failing(&why),
            Err(panic) => self.failed(&format!("it panicked: {}", message(&*panic)), None, urgent),
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
        let (records, announced) = job.counts(piece);
        let name = &self.name;
        job.pieces[piece].sent = false;
        match result {
            Ok(()) => {
                job.shipped += records;
                job.announced += announced;
                job.pieces.remove(piece);
                self.failures = 0;
                if std::mem::take(&mut self.told) {
                    self.options.report.say(&format!("sink {name} delivers again"));
                }
            }
            Err(SendError::Untried) => {}
            Err(SendError::Retry { why, after }) => self.failed(&why, after, urgent),
            Err(SendError::Refused { .. }) if lines > 1 => {
                job.split(piece, self.next_id);
                self.next_id += 2;
            }
            Err(SendError::Refused { why }) => {
                let (lane, seq) = job.origin(piece);
                self.tellers.refusing.tell(|| {
                    format!("sink {name} refused record {seq} of lane {lane}, which is set aside: {why}")
                });
                // An announcement that is refused, too, is told of on stderr alone.
                job.refused += records;
                let source = job.source;
                match self.announce_for(source).filter(|_| records > 0) {
                    Some(announce) => {
                        let loss = Loss {
                            lane,
                            seq,
                            count: 1,
                            reason: Reason::Refused,
                        };
                        self.jobs[at].replace(piece, self.next_id, &loss, &announce);
                        self.next_id += 1;
                    }
                    None => _ = self.jobs[at].pieces.remove(piece),
                }
            }
            Err(SendError::Closed { why }) => {
                self.tellers
                    .dropping
                    .tell(|| format!("sink {name} is closed, {lines} records are lost: {why}"));
                job.lost += records;
                job.pieces.remove(piece);
            }
        }
    }

    /// How a source's losses are announced.
    fn announce_for(&self, source: u64) -> Option<Announce> {
        match source {
            OWN | SPOOL => self.own.as_ref()?.announce.clone(),
            _ => {
                let mut adopted = self.adopted.iter();
                adopted.find(|(number, _)| *number == source)?.1.announce.clone()
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
        self.tell_failing(why);
    }

    fn tell_failing(&mut self, why: &str) {
        let name = &self.name;
        self.told |= self
            .tellers
            .failing
            .tell(|| format!("sink {name} fails, and will be tried again: {why}"));
    }
}
