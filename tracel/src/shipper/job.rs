//! What a shipper has in hand: the lines of one batch, and the pieces in which they are sent.

use super::{Announce, origin::Mark};
use crate::{
    loss::Loss,
    sink::{Batch, Batching},
    spool::Entry,
};
use std::ops::Range;

/// The number of the process's own source, and of what it has put on disk; those between are adopted ones'.
pub(super) const OWN: u64 = 0;
pub(super) const SPOOL: u64 = u64::MAX;

/// Whole lines, and which record each is.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    /// Each line's lane and seq.
    origins: Vec<(u32, u64)>,
    /// For a line that announces a loss, of how many records; `None` for a record.
    announced: Vec<Option<u64>>,
}

impl Lines {
    /// Adds what `complete` appends, if anything: whether it did.
    pub(super) fn add(&mut self, lane: u32, seq: u64, complete: impl FnOnce(&mut Vec<u8>)) -> bool {
        self.add_line(lane, seq, None, complete)
    }

    /// Adds the line that stands in place of lost records.
    pub(super) fn announce(&mut self, loss: &Loss, records: u64, announce: &Announce) {
        self.add_line(loss.lane, loss.seq, Some(records), |out| announce(loss, out));
    }

    fn add_line(
        &mut self,
        lane: u32,
        seq: u64,
        announced: Option<u64>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        let before = self.bytes.len();
        line(&mut self.bytes);
        if self.bytes.len() == before {
            return false;
        }
        if self.bytes.last() != Some(&b'\n') {
            self.bytes.push(b'\n');
        }
        self.ends.push(self.bytes.len());
        self.origins.push((lane, seq));
        self.announced.push(announced);
        true
    }

    /// Adds a line that is finished.
    pub(super) fn put(&mut self, entry: &Entry<'_>) {
        let line = |out: &mut Vec<u8>| out.extend_from_slice(entry.line);
        self.add_line(entry.lane, entry.seq, entry.announced, line);
    }

    /// These lines, one by one.
    pub(super) fn entries(&self, lines: Range<usize>) -> impl Iterator<Item = Entry<'_>> {
        lines.map(|at| {
            let (lane, seq) = self.origins[at];
            Entry {
                lane,
                seq,
                announced: self.announced[at],
                line: self.slice(&(at..at + 1)),
            }
        })
    }

    /// Of these lines, how many are records, and how many records the others announce as lost.
    fn counts(&self, lines: &Range<usize>) -> (u64, u64) {
        let count = |(records, lost), line: &Option<u64>| match line {
            None => (records + 1, lost),
            Some(more) => (records, lost + more),
        };
        self.announced[lines.clone()].iter().fold((0, 0), count)
    }

    /// Takes back what a line that was not finished has left.
    pub(super) fn cut_back(&mut self) {
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Whether they are as many as a batch takes.
    pub(super) fn is_full(&self, batching: &Batching) -> bool {
        self.bytes.len() >= batching.bytes || self.len() >= batching.lines
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn slice(&self, lines: &Range<usize>) -> &[u8] {
        let start = lines.start.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[lines.end - 1]]
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.origins.clear();
        self.announced.clear();
    }
}

/// A batch on its way, and what becomes of the cursor when it has arrived.
pub(super) struct Job {
    /// Whose records they are: [`OWN`], [`SPOOL`], or an adopted source's number.
    pub(super) source: u64,
    lines: Lines,
    mark: Mark,
    /// What is still to be acknowledged, in order. Empty: the job is done.
    pub(super) pieces: Vec<Piece>,
    pub(super) shipped: u64,
    pub(super) refused: u64,
    pub(super) lost: u64,
    pub(super) announced: u64,
}

/// Some of a job's lines, sent as one batch.
pub(super) struct Piece {
    pub(super) id: u64,
    pub(super) lines: Range<usize>,
    /// Under way.
    pub(super) sent: bool,
}

impl Job {
    /// All lines in one piece.
    pub(super) fn new(source: u64, id: u64, lines: Lines, mark: Mark) -> Self {
        let all = 0..lines.len();
        let whole = (!all.is_empty()).then_some(Piece {
            id,
            lines: all,
            sent: false,
        });
        Job {
            source,
            lines,
            mark,
            pieces: whole.into_iter().collect(),
            shipped: 0,
            refused: 0,
            lost: 0,
            announced: 0,
        }
    }

    /// A piece, as the sink sees it.
    pub(super) fn batch(&self, piece: usize) -> Batch<'_> {
        let Piece { id, lines, .. } = &self.pieces[piece];
        Batch {
            id: *id,
            bytes: self.lines.slice(lines),
            lines: lines.len(),
        }
    }

    /// Cuts a piece in two, which get the ids `id` and `id + 1`.
    pub(super) fn split(&mut self, piece: usize, id: u64) {
        let lines = self.pieces[piece].lines.clone();
        let middle = lines.start + lines.len() / 2;
        let half = |id, lines| Piece {
            id,
            lines,
            sent: false,
        };
        let halves = [half(id, lines.start..middle), half(id + 1, middle..lines.end)];
        self.pieces.splice(piece..=piece, halves);
    }

    /// Of a piece's lines, how many are records, and how many records the others announce as lost.
    pub(super) fn counts(&self, piece: usize) -> (u64, u64) {
        self.lines.counts(&self.pieces[piece].lines)
    }

    /// Puts an announcement in place of a piece, which then has the id `id`.
    pub(super) fn replace(&mut self, piece: usize, id: u64, loss: &Loss, announce: &Announce) {
        let at = self.lines.len();
        self.lines.announce(loss, 1, announce);
        self.pieces[piece] = Piece {
            id,
            lines: at..self.lines.len(),
            sent: false,
        };
    }

    /// The lane and seq of a piece's first line.
    pub(super) fn origin(&self, piece: usize) -> (u32, u64) {
        self.lines.origins[self.pieces[piece].lines.start]
    }

    /// The lines that are still to be acknowledged.
    pub(super) fn rest(&self) -> impl Iterator<Item = Entry<'_>> {
        self.pieces
            .iter()
            .flat_map(|piece| self.lines.entries(piece.lines.clone()))
    }

    /// Makes it another source's, with that one's mark: returns the mark that it had.
    pub(super) fn move_to(&mut self, source: u64, mark: Mark) -> Mark {
        self.source = source;
        std::mem::replace(&mut self.mark, mark)
    }

    /// The mark, and the emptied lines for the next batch.
    pub(super) fn finish(mut self) -> (Mark, Lines) {
        self.lines.clear();
        (self.mark, self.lines)
    }
}
