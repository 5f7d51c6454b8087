//! The reading end: segment by segment, frame by frame; what is damaged is left out and counted.

use super::{
    Entry, Spool, folder,
    format::{self, HEADER, Next},
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::ControlFlow,
    sync::atomic::Ordering::Relaxed,
};

/// What is read of a segment, in bytes: no spool makes a longer one.
pub(super) const LARGEST: u64 = 64 << 20;

/// What was read of a segment and not shown yet.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    segment: u64,
    /// Where in the segment its bytes begin.
    from: u64,
}

impl Window {
    /// What it holds of a segment from a place on.
    fn rest(&self, segment: u64, offset: u64) -> &[u8] {
        let skip = offset
            .checked_sub(self.from)
            .and_then(|skip| usize::try_from(skip).ok());
        match skip {
            Some(skip) if self.segment == segment => self.bytes.get(skip..).unwrap_or_default(),
            _ => &[],
        }
    }

    fn end(&self) -> u64 {
        self.from + self.bytes.len() as u64
    }
}

impl Spool {
    /// Shows entries from where it stopped before, until `f` breaks (what it was shown last counts as read) or nothing
    /// is left. Returns how many it showed. Nothing is acknowledged by that.
    pub fn read(&mut self, mut f: impl FnMut(Entry<'_>) -> ControlFlow<()>) -> usize {
        let mut shown = 0;
        while let Some(len) = self.arrive() {
            let (segment, offset) = (self.reading.segment, self.reading.offset);
            if self.window.rest(segment, offset).is_empty() || self.window.end() < len {
                match self.load(segment, offset, len) {
                    // It may be shorter than it was.
                    Ok(()) => continue,
                    Err(error) if may_pass(&error) => {
                        let folder = self.folder.display();
                        self.damages
                            .tell(|| format!("{folder}: segment {segment:016x} cannot be read now: {error}"));
                        return shown;
                    }
                    Err(error) => {
                        self.lose_segment(segment, len, &error);
                        continue;
                    }
                }
            }
            let rest = self.window.rest(segment, offset);
            let (ordinal, step) = match format::next(rest) {
                Next::Frame { ordinal, entry, len } => {
                    shown += 1;
                    let flow = f(entry);
                    self.come_to(ordinal);
                    self.reading.ordinal = self.reading.ordinal.max(ordinal.saturating_add(1));
                    self.reading.offset += len as u64;
                    if flow.is_break() {
                        return shown;
                    }
                    continue;
                }
                Next::Damaged { skip } => match format::next(&rest[skip..]) {
                    Next::Frame { ordinal, .. } => (ordinal, skip as u64),
                    _ => (self.reading.ordinal, skip as u64),
                },
                // One that is torn nobody was told of. What is missing besides, the next segment's begin tells.
                Next::End { torn } => {
                    let is_lost = !torn && len > HEADER as u64;
                    (self.reading.ordinal + u64::from(is_lost), len - offset)
                }
            };
            self.reading.offset += step;
            // A frame whose own number is what was expected has hidden nothing but bytes between frames.
            self.come_to(ordinal);
            self.reading.ordinal = self.reading.ordinal.max(ordinal);
        }
        shown
    }

    /// Goes to the next bytes that are to be read: the length of their segment.
    fn arrive(&mut self) -> Option<u64> {
        loop {
            let at = self
                .segments
                .partition_point(|segment| segment.number < self.reading.segment);
            let segment = self.segments.get(at)?;
            let (number, first, len) = (segment.number, segment.first, segment.len);
            if number > self.reading.segment {
                (self.reading.segment, self.reading.offset) = (number, 0);
            }
            // Behind a damaged header anything may lie anywhere.
            if let Some(first) = first.filter(|_| self.reading.offset < HEADER as u64) {
                self.come_to(first);
                self.reading.offset = HEADER as u64;
            }
            if self.reading.offset < len {
                return Some(len);
            }
            // The next segment, if there is one.
            let Some(next) = self.segments.get(at + 1) else {
                self.come_to(self.next_ordinal);
                if self.pending.is_empty() {
                    // What was damaged at the very end had numbers, too.
                    self.next_ordinal = self.reading.ordinal;
                }
                return None;
            };
            (self.reading.segment, self.reading.offset) = (next.number, 0);
        }
    }

    /// Counts what is missing before an entry.
    fn come_to(&mut self, ordinal: u64) {
        let missing = ordinal.saturating_sub(self.reading.ordinal);
        if missing > 0 {
            self.reading.ordinal = ordinal;
            self.counts.damaged.fetch_add(missing, Relaxed);
            let (folder, segment) = (self.folder.display(), self.reading.segment);
            self.damages.tell(|| {
                format!("{folder}: {missing} records are damaged, and lost (segment {segment:016x})")
            });
        }
    }

    /// Reads the rest of a segment.
    fn load(&mut self, segment: u64, offset: u64, len: u64) -> io::Result<()> {
        let at = self.segments.partition_point(|one| one.number < segment);
        let window = &mut self.window;
        window.bytes.clear();
        (window.segment, window.from) = (segment, offset);
        let mut named;
        let file = match self.segments.get_mut(at).and_then(|one| one.file.as_mut()) {
            Some(file) => file,
            None => {
                named = File::open(folder::path(&self.folder, segment))?;
                &mut named
            }
        };
        file.seek(SeekFrom::Start(offset))?;
        file.take(len - offset).read_to_end(&mut window.bytes)?;
        let end = window.end();
        if end < len {
            self.shorten(at, end);
        }
        Ok(())
    }

    /// Takes a segment for as long as it is: someone has cut it.
    fn shorten(&mut self, at: usize, end: u64) {
        // What is committed from now on goes into a new one, whose begin tells what is missing here.
        self.writing &= at + 1 < self.segments.len();
        if let Some(segment) = self.segments.get_mut(at) {
            self.options.budget.give_back(segment.len - end);
            segment.len = end;
        }
    }

    /// Leaves out a segment's rest, which cannot be read. How many entries that are, what comes next
    /// tells.
    fn lose_segment(&mut self, segment: u64, len: u64, error: &io::Error) {
        let folder = self.folder.display();
        self.damages
            .tell(|| format!("{folder}: segment {segment:016x} is lost: {error}"));
        self.reading.offset = len;
    }
}

/// Whether the same file may be read later.
fn may_pass(error: &io::Error) -> bool {
    // ENOMEM, ENFILE, EMFILE: the process or the system has too much open.
    error.kind() == io::ErrorKind::Interrupted
        || (cfg!(unix) && matches!(error.raw_os_error(), Some(12 | 23 | 24)))
}
