//! Taking records: those of adopted sources first, then what was put on disk, then the process's own. How a frame
//! becomes a line is the source's.

use super::{Filled, Work};
use crate::{
    shipper::{
        job::{Job, Lines, OWN, SPOOL},
        origin::Mark,
        source::Found,
    },
    sink::Batching,
    spool::Spool,
};
use std::{ops::ControlFlow, time::Instant};

impl Work {
    /// Takes what there is, and closes the batch when its time has come.
    pub(super) fn fill(&mut self, urgent: bool) -> Filled {
        if self.is_full() {
            Filled::NOTHING
        } else if self.fill_from_adopted() || self.fill_from_spool() {
            Filled::Batch
        } else {
            self.fill_from_own(urgent)
        }
    }

    /// Makes a batch of what the first adopted source has left that has something left.
    fn fill_from_adopted(&mut self) -> bool {
        let name = &self.name;
        for (number, source) in &mut self.adopted {
            let mut lines = take(&mut self.spare, &self.batching);
            let found = source.read(&mut lines, &self.batching, name, &mut self.tellers);
            if found.frames > 0 {
                self.jobs
                    .push_back(Job::new(*number, self.next_id, lines, source.origin.mark()));
                self.next_id += 1;
                return true;
            }
            source.is_dry = source.origin.is_dry();
            self.spare.push(lines);
        }
        false
    }

    /// Makes a batch of what lies on disk.
    fn fill_from_spool(&mut self) -> bool {
        let Some(spool) = self.spool.as_mut().filter(|spool| spool.has_unread()) else {
            return false;
        };
        let before = spool.mark();
        let mut lines = take(&mut self.spare, &self.batching);
        spool.read(|entry| {
            lines.put(&entry);
            match lines.is_full(&self.batching) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        if spool.mark() == before {
            // It cannot be read just now.
            self.spare.push(lines);
            return false;
        }
        let mark = Mark::Spool(spool.mark());
        self.jobs.push_back(Job::new(SPOOL, self.next_id, lines, mark));
        self.next_id += 1;
        true
    }

    fn fill_from_own(&mut self, urgent: bool) -> Filled {
        if self.spool.as_ref().is_some_and(Spool::has_unread) {
            // What is unread there comes before.
            return Filled::NOTHING;
        }
        let Some(own) = &mut self.own else {
            return Filled::NOTHING;
        };
        let (name, before) = (&self.name, self.open.bytes());
        let Found { frames, gaps } = own.read(&mut self.open, &self.batching, name, &mut self.tellers);
        let full = self.open.is_full(&self.batching);
        let bytes = self.open.bytes() - before;
        let since = *self.since.get_or_insert_with(Instant::now);
        // What lingers here fills the journal, and nothing under way will bring room.
        let is_alone = self.jobs.is_empty() && own.origin.is_short();
        if self.open.len() == 0 {
            self.since = None;
            if frames == 0 {
                return Filled::NOTHING;
            }
        } else if !(full || urgent || gaps || since.elapsed() >= self.batching.linger || is_alone) {
            return Filled::All { bytes };
        }
        let lines = std::mem::replace(&mut self.open, take(&mut self.spare, &self.batching));
        self.jobs
            .push_back(Job::new(OWN, self.next_id, lines, own.origin.mark()));
        self.next_id += 1;
        self.since = None;
        if full {
            Filled::Batch
        } else {
            Filled::All { bytes }
        }
    }
}

/// An emptied buffer, or a new one.
fn take(spare: &mut Vec<Lines>, batching: &Batching) -> Lines {
    spare.pop().unwrap_or_else(|| Lines::for_batch(batching))
}
