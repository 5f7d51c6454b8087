//! What a shipper has in hand: the lines of one batch, and the pieces in which they are sent.

use super::{Announce, origin::Mark};
use crate::{
    loss::Loss,
    sink::{Batch, Batching},
    spool::Entry,
};
use std::{ops::Range, sync::Arc};

/// The number of the process's own source, and of what it has put on disk; those between are adopted ones'.
pub(super) const OWN: u64 = 0;
pub(super) const SPOOL: u64 = u64::MAX;

/// Whole lines, and which record each is.
pub(super) struct Lines {
    bytes: Vec<u8>,
    lines: Vec<Line>,
    /// Records that came with them and of which nothing could be made.
    pub(super) refused: u64,
}

/// How many bytes the last line of a batch may lie beyond it, as a rule.
const BEYOND: usize = 64 << 10;
/// Whoever asks for larger batches, or more lines, gets the room when it is needed.
const LARGEST: usize = 16 << 20;
const MOST: usize = 10_000;

/// What is known of a line.
struct Line {
    /// Where it ends.
    end: usize,
    lane: u32,
    seq: u64,
    /// For one that announces a loss, of how many records; `None` for a record.
    announced: Option<u64>,
}

impl Lines {
    /// None yet, and room for a batch: memory that is not written to costs nothing, and to grow costs copies.
    pub(super) fn for_batch(batching: &Batching) -> Self {
        Lines {
            bytes: Vec::with_capacity(batching.bytes.saturating_add(BEYOND).min(LARGEST)),
            lines: Vec::with_capacity(batching.lines.min(MOST)),
            refused: 0,
        }
    }

    /// Adds what `complete` appends, if anything: whether it did.
    pub(super) fn add(&mut self, lane: u32, seq: u64, complete: impl FnOnce(&mut Vec<u8>)) -> bool {
        add(&mut self.bytes, &mut self.lines, (lane, seq), None, complete)
    }

    /// Adds the line that stands in place of lost records.
    pub(super) fn announce(&mut self, loss: &Loss, records: u64, announce: &Announce) {
        let line = |out: &mut Vec<u8>| announce(loss, out);
        let place = (loss.lane, loss.seq);
        add(&mut self.bytes, &mut self.lines, place, Some(records), line);
    }

    /// Adds a line that is finished.
    pub(super) fn put(&mut self, entry: &Entry<'_>) {
        let line = |out: &mut Vec<u8>| out.extend_from_slice(entry.line);
        let place = (entry.lane, entry.seq);
        add(&mut self.bytes, &mut self.lines, place, entry.announced, line);
    }

    /// All of them, one by one.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        entries(&self.bytes, &self.lines, 0..self.len())
    }

    /// Takes back what a line that was not finished has left.
    pub(super) fn cut_back(&mut self) {
        self.bytes.truncate(self.lines.last().map_or(0, |line| line.end));
    }

    /// Whether they are as many as a batch takes.
    pub(super) fn is_full(&self, batching: &Batching) -> bool {
        self.bytes.len() >= batching.bytes || self.len() >= batching.lines
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.lines.clear();
        self.refused = 0;
    }
}

/// Adds what `line` appends, if anything: whether it did.
fn add(
    bytes: &mut Vec<u8>,
    lines: &mut Vec<Line>,
    (lane, seq): (u32, u64),
    announced: Option<u64>,
    line: impl FnOnce(&mut Vec<u8>),
) -> bool {
    let before = bytes.len();
    line(bytes);
    if bytes.len() == before {
        return false;
    }
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    let end = bytes.len();
    lines.push(Line {
        end,
        lane,
        seq,
        announced,
    });
    true
}

fn entries<'a>(bytes: &'a [u8], lines: &'a [Line], range: Range<usize>) -> impl Iterator<Item = Entry<'a>> {
    range.map(move |at| Entry {
        lane: lines[at].lane,
        seq: lines[at].seq,
        announced: lines[at].announced,
        line: &bytes[span(lines, &(at..at + 1))],
    })
}

/// Which bytes these lines are.
fn span(lines: &[Line], range: &Range<usize>) -> Range<usize> {
    let start = range.start.checked_sub(1).map_or(0, |before| lines[before].end);
    start..lines[range.end - 1].end
}

/// A batch on its way, and what becomes of the cursor when it has arrived.
pub(super) struct Job {
    /// Whose records they are: [`OWN`], [`SPOOL`], or an adopted source's number.
    pub(super) source: u64,
    /// Shared with a sink that has them under way.
    bytes: Arc<Vec<u8>>,
    lines: Vec<Line>,
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
            bytes: Arc::new(lines.bytes),
            lines: lines.lines,
            mark,
            pieces: whole.into_iter().collect(),
            shipped: 0,
            refused: lines.refused,
            lost: 0,
            announced: 0,
        }
    }

    /// A piece, as the sink sees it.
    pub(super) fn batch(&self, piece: usize) -> Batch<'_> {
        let Piece { id, lines, .. } = &self.pieces[piece];
        Batch::of(*id, &self.bytes, span(&self.lines, lines), lines.len())
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
        let count = |(records, lost), line: &Line| match line.announced {
            None => (records + 1, lost),
            Some(more) => (records, lost + more),
        };
        let lines = self.pieces[piece].lines.clone();
        self.lines[lines].iter().fold((0, 0), count)
    }

    /// Puts an announcement in place of a piece, which then has the id `id`.
    pub(super) fn replace(&mut self, piece: usize, id: u64, loss: &Loss, announce: &Announce) {
        let at = self.lines.len();
        let bytes = Arc::make_mut(&mut self.bytes);
        let line = |out: &mut Vec<u8>| announce(loss, out);
        add(bytes, &mut self.lines, (loss.lane, loss.seq), Some(1), line);
        self.pieces[piece] = Piece {
            id,
            lines: at..self.lines.len(),
            sent: false,
        };
    }

    /// The lane and seq of a piece's first line.
    pub(super) fn origin(&self, piece: usize) -> (u32, u64) {
        let first = &self.lines[self.pieces[piece].lines.start];
        (first.lane, first.seq)
    }

    /// The lines that are still to be acknowledged.
    pub(super) fn rest(&self) -> impl Iterator<Item = Entry<'_>> {
        self.pieces
            .iter()
            .flat_map(|piece| entries(&self.bytes, &self.lines, piece.lines.clone()))
    }

    /// Makes it another source's, with that one's mark: returns the mark that it had.
    pub(super) fn move_to(&mut self, source: u64, mark: Mark) -> Mark {
        self.source = source;
        std::mem::replace(&mut self.mark, mark)
    }

    /// The mark, and the emptied lines for the next batch, unless the sink still has them.
    pub(super) fn finish(self) -> (Mark, Option<Lines>) {
        let lines = Arc::try_unwrap(self.bytes).ok().map(|bytes| {
            let lines = self.lines;
            let mut lines = Lines {
                bytes,
                lines,
                refused: 0,
            };
            lines.clear();
            lines
        });
        (self.mark, lines)
    }
}
