//! Moving the cursors over what has arrived, each source's in its order; answering flushes; ending adopted sources.

use super::Work;
use crate::shipper::{
    job::{OWN, SPOOL},
    origin::Mark,
};
use std::sync::atomic::Ordering::Relaxed;

/// How many bytes of emptied buffers are kept, two buffers at least: a flood has one that is filled, one that is ready and
/// those that are under way.
const SPARE: usize = 2 << 20;

impl Work {
    /// Acknowledges all jobs that are done.
    pub(super) fn acknowledge(&mut self) {
        let control = self.control.clone();
        // Under this lock, so that `stop` counts each record as either shipped or lost.
        let mut orders = control.orders();
        if orders.abandoned {
            return;
        }
        let (mut moved, mut at, mut waiting) = (false, 0, Vec::new());
        while let Some(job) = self.jobs.get(at) {
            if !job.pieces.is_empty() || waiting.contains(&job.source) {
                waiting.push(job.source);
                at += 1;
                continue;
            }
            let Some(job) = self.jobs.remove(at) else { break };
            let counts = &control.counts;
            counts.shipped.fetch_add(job.shipped, Relaxed);
            counts.refused.fetch_add(job.refused, Relaxed);
            counts.lost.fetch_add(job.lost, Relaxed);
            counts.announced.fetch_add(job.announced, Relaxed);
            let source = job.source;
            let (mark, lines) = job.finish();
            if self.spare.len() < self.batching.of(SPARE).max(2) {
                self.spare.extend(lines);
            }
            match (source, mark) {
                (SPOOL, Mark::Spool(mark)) => {
                    if let Some(spool) = &mut self.spool {
                        spool.ack(mark);
                    }
                }
                (OWN, mark) => {
                    if let Some(own) = &mut self.own {
                        own.origin.ack(mark);
                    }
                    self.short = None;
                }
                (_, mark) => {
                    let mut adopted = self.adopted.iter_mut();
                    if let Some((_, source)) = adopted.find(|(number, _)| *number == source) {
                        source.origin.ack(mark);
                    }
                }
            }
            (moved, self.heard) = (true, true);
        }
        // What was handed over since this round began is the next one's, and belongs to a flush that came after it.
        if !orders.flushes.is_empty() && orders.adopt.is_empty() {
            orders.flushes.retain_mut(|(_, order)| !self.has_reached(order));
            control.done.notify_all();
        }
        if moved {
            self.count_kept();
        }
    }

    /// Ends the adopted sources that have nothing left. True when one did.
    pub(super) fn part(&mut self) -> bool {
        let before = self.adopted.len();
        while let Some(at) = self
            .adopted
            .iter()
            .position(|(number, source)| source.is_dry && self.jobs.iter().all(|job| job.source != *number))
        {
            if let Some((_, source)) = self.adopted.remove(at) {
                source.end();
            }
        }
        self.adopted.len() < before
    }
}
