//! The writing end: entries are gathered, and committed with one write.

use super::{
    Entry, Refusal, Segment, Spool,
    cursor::Cursor,
    folder,
    format::{self, FRAME, HEADER, LONGEST},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    sync::atomic::Ordering::Relaxed,
};

impl Spool {
    /// Gathers an entry for the next [`commit`](Spool::commit).
    ///
    /// # Errors
    /// When it cannot be taken: then what was gathered before is forgotten, too.
    pub fn append(&mut self, entry: Entry<'_>) -> Result<(), Refusal> {
        if entry.line.len() > LONGEST {
            self.forget();
            let why = format!(
                "a line of {} bytes is longer than a spool takes",
                entry.line.len()
            );
            return Err(Refusal::Failed(io::Error::new(io::ErrorKind::InvalidInput, why)));
        }
        if !self.options.budget.take((FRAME + entry.line.len()) as u64) {
            self.forget();
            self.told_of(&Refusal::Spent);
            return Err(Refusal::Spent);
        }
        format::frame(&mut self.pending, self.next_ordinal + self.appended, &entry);
        self.appended += 1;
        self.records += u64::from(entry.announced.is_none());
        Ok(())
    }

    /// Writes what was gathered. From then on it survives the process.
    ///
    /// # Errors
    /// When it cannot be written: then all that was gathered is forgotten, and nothing of it stays on disk.
    pub fn commit(&mut self) -> Result<(), Refusal> {
        if self.pending.is_empty() {
            return Ok(());
        }
        match self.write() {
            Ok(()) => {
                self.next_ordinal += self.appended;
                self.counts.spooled.fetch_add(self.records, Relaxed);
                self.pending.clear();
                (self.appended, self.records) = (0, 0);
                self.count_bytes();
                Ok(())
            }
            Err(error) => {
                self.forget();
                let refusal = Refusal::Failed(error);
                self.told_of(&refusal);
                Err(refusal)
            }
        }
    }

    /// Takes everything that was committed as read: its lines are in the caller's hands.
    pub fn pass(&mut self) {
        if let Some(last) = self.segments.back() {
            (self.reading.segment, self.reading.offset) = (last.number, last.len);
            self.reading.ordinal = self.next_ordinal;
        }
    }

    /// Drops what was gathered.
    pub(super) fn forget(&mut self) {
        self.options.budget.give_back(self.pending.len() as u64);
        self.pending.clear();
        (self.appended, self.records) = (0, 0);
    }

    fn told_of(&mut self, refusal: &Refusal) {
        let (folder, way_out) = (
            self.folder.display(),
            match refusal {
                Refusal::Spent => "; set TRACEL_SPOOL to a greater size",
                Refusal::Failed(_) => "",
            },
        );
        self.writes.tell(|| {
            format!(
                "{folder}: records for a sink that is behind stay in the journal for now: {refusal}{way_out}"
            )
        });
    }

    fn write(&mut self) -> io::Result<()> {
        if self.writing && self.segments.back().is_none_or(is_gone) {
            // Its file stays open, so that what it holds can still be read.
            self.writing = false;
        }
        match self.segments.back_mut() {
            Some(last) if self.writing && last.len < self.options.segment => {
                let file = last.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
                let written = write_at(file, last.len, &self.pending);
                if written.is_err() && file.set_len(last.len).is_err() {
                    // What is behind its committed length is not looked at any more.
                    self.writing = false;
                }
                written?;
                last.len += self.pending.len() as u64;
            }
            _ => self.begin()?,
        }
        Ok(())
    }

    /// Begins a segment with what was gathered.
    fn begin(&mut self) -> io::Result<()> {
        let (number, first) = (self.next_number, self.next_ordinal);
        let path = folder::path(&self.folder, number);
        let mut file = match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                folder::make(&self.folder)?;
                self.cursor = Cursor::open(&self.folder)?.0;
                self.cursor.set(self.acked)?;
                let folder = self.folder.display();
                self.writes
                    .tell(|| format!("{folder}: the folder was removed, and is made anew"));
                create(&path)?
            }
            made => made?,
        };
        // Also one that is not used: a name is never used twice.
        self.next_number += 1;
        let head = format::header(number, first);
        let written =
            write_at(&mut file, 0, &head).and_then(|()| write_at(&mut file, HEADER as u64, &self.pending));
        if let Err(error) = written {
            drop(file);
            _ = std::fs::remove_file(&path);
            return Err(error);
        }
        // A full one needs no file, unless it can be found by no name any more.
        if let Some(last) = self.segments.back_mut()
            && !is_gone(last)
        {
            last.file = None;
        }
        self.options.budget.count(HEADER as u64);
        self.segments.push_back(Segment {
            number,
            first: Some(first),
            len: (HEADER + self.pending.len()) as u64,
            file: Some(file),
        });
        self.writing = true;
        Ok(())
    }
}

fn create(path: &std::path::Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write_at(file: &mut File, at: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}

/// Whether someone has removed a segment's file.
fn is_gone(segment: &Segment) -> bool {
    #[cfg(unix)]
    if let Some(Ok(metadata)) = segment.file.as_ref().map(File::metadata) {
        return std::os::unix::fs::MetadataExt::nlink(&metadata) == 0;
    }
    segment.file.is_none()
}
