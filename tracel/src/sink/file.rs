//! `file://` appends whole lines to a file. When it is put aside, and what that one is called, is in `rotate`.
//!
//! Several processes may append to one file, and anyone may move or remove it: before each write the sink looks whether
//! the path is still the file that it has open.

mod rotate;
#[cfg(test)]
mod tests;

use super::{Batch, Batching, SendError, Sent, Sink, url::Url};
use crate::{Error, units};
use rotate::Rotation;
use std::{
    fs::{self, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

/// Where and how to write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The file. Its folder is made when there is none.
    pub path: PathBuf,
    /// Bytes from which on it is put aside (`rotate=100MiB`).
    pub rotate: Option<u64>,
    /// The time for which one file is written, in steps since 1970 in UTC (`every=1d`: from midnight to midnight).
    pub every: Option<Duration>,
    /// How many of those put aside are kept (`keep=7`); all when it is not said.
    pub keep: Option<usize>,
}

impl Options {
    /// A file that grows for ever.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Options {
            path: path.into(),
            rotate: None,
            every: None,
            keep: None,
        }
    }

    pub(super) fn parse(mut url: Url) -> Result<Self, Error> {
        if !matches!(url.host.as_str(), "" | "localhost") {
            return Err(Error::new(format!("`file:` knows no machine `{}`", url.host))
                .help("write an absolute path with three slashes: file:///var/log/name.ndjson"));
        }
        if url.path.is_empty() {
            return Err(Error::new("`file:` needs a path").help("write file:///var/log/name.ndjson"));
        }
        if url.take("compress").is_some() {
            return Err(Error::new("this build does not compress files")
                .help("write the address without `compress`, and compress the files that were put aside"));
        }
        let mut options = Options::new(&url.path);
        if options.path.file_name().is_none() || url.path.ends_with('/') {
            return Err(Error::new(format!("`{}` is a folder", url.path)).help("add the name of a file"));
        }
        options.rotate = url.take("rotate").map(|text| units::size(&text)).transpose()?;
        options.every = url.take("every").map(|text| units::duration(&text)).transpose()?;
        let number = |text: String| {
            text.parse::<usize>().map_err(|_| {
                Error::new(format!("`keep={text}` says not how many files to keep")).help("write a number")
            })
        };
        options.keep = url.take("keep").map(number).transpose()?;
        url.finish(&["rotate", "every", "keep"])?;
        Ok(options)
    }
}

/// Appends to a file.
#[derive(Debug)]
pub struct File {
    options: Options,
    rotation: Rotation,
    open: Option<Opened>,
    /// Where a write was interrupted.
    torn: Option<Torn>,
}

#[derive(Debug)]
struct Opened {
    file: fs::File,
    /// The step of time that it belongs to.
    step: u64,
}

#[derive(Debug)]
struct Torn {
    batch: u64,
    /// Bytes of the batch that are written, up to the last whole line, and beyond it.
    lines: usize,
    beyond: usize,
    /// How long the file was then. Longer: someone else has written behind the torn line.
    len: u64,
}

impl File {
    /// Opens the file, so that a wrong path is told at the start.
    ///
    /// # Errors
    /// When it cannot be opened for appending, or not be put aside although that is wanted.
    pub fn open(options: Options) -> Result<File, Error> {
        let mut file = File {
            rotation: Rotation::new(&options.path),
            options,
            open: None,
            torn: None,
        };
        let rotates = file.options.rotate.is_some() || file.options.every.is_some();
        let ready = file.ready().map(drop);
        match ready.and_then(|()| if rotates { file.rotation.check() } else { Ok(()) }) {
            Ok(()) => Ok(file),
            Err(error) => Err(
                Error::new("the file cannot be opened for appending, or not be put aside")
                    .at(file.options.path.display().to_string())
                    .because(error)
                    .help("choose a path that this user may write to, in such a folder"),
            ),
        }
    }

    /// Opens the file if the path is not the one that is open, and puts it aside if that is due. Its length.
    fn ready(&mut self) -> io::Result<(&mut fs::File, u64)> {
        let now = SystemTime::now();
        // More than one turn only while others put it aside, too; a file that is too long is better than none.
        for turn in 0.. {
            let mut opened = match self.open.take() {
                Some(opened) if is_at(&opened.file, &self.options.path) => opened,
                _ => Opened::open(&self.options, now)?,
            };
            let len = opened.file.metadata()?.len();
            if len == 0 {
                opened.step = step(self.options.every, now);
            }
            let grown = self.options.rotate.is_some_and(|size| len >= size);
            let due = len > 0 && (grown || opened.step != step(self.options.every, now));
            if !due || turn == 3 {
                return Ok((&mut self.open.insert(opened).file, len));
            }
            self.torn = None;
            self.rotation.put_aside(now)?;
            if let Some(keep) = self.options.keep {
                self.rotation.remove_but(keep);
            }
        }
        Err(ErrorKind::Other.into())
    }

    fn write(&mut self, batch: &Batch<'_>) -> io::Result<()> {
        let mut done = 0;
        if let Some(torn) = self.torn.take() {
            let (file, len) = self.ready()?;
            let again = torn.batch == batch.id;
            if again && len == torn.len {
                done = torn.lines + torn.beyond;
            } else {
                // What follows the torn line is another's: it ends there, and is written again on a line of its own.
                done = if again { torn.lines } else { 0 };
                if ends_torn(file)? {
                    file.write_all(b"\n")?;
                }
            }
        }
        while done < batch.bytes.len() {
            let rotate = self.options.rotate;
            let (file, len) = self.ready()?;
            let room = rotate.map_or(u64::MAX, |size| size.saturating_sub(len));
            let end = done + lines_within(&batch.bytes[done..], room);
            let result = write_from(file, batch.bytes, &mut done, end);
            if let Err(error) = result {
                let lines = batch.bytes[..done]
                    .iter()
                    .rposition(|&byte| byte == b'\n')
                    .map_or(0, |at| at + 1);
                self.torn = Some(Torn {
                    batch: batch.id,
                    lines,
                    beyond: done - lines,
                    len: file.metadata().map_or(u64::MAX, |it| it.len()),
                });
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Sink for File {
    fn name(&self) -> String {
        format!("file://{}", self.options.path.display())
    }

    /// Smaller than usual: a batch is still in the processor's cache when it is written.
    fn batching(&self) -> Batching {
        Batching {
            bytes: 256 << 10,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        self.write(batch)
            .map(|()| Sent::Acknowledged)
            .map_err(SendError::retry)
    }
}

impl Opened {
    fn open(options: &Options, now: SystemTime) -> io::Result<Opened> {
        if let Some(folder) = options
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .append(true)
            .read(true)
            .create(true)
            .open(&options.path)?;
        if ends_torn(&mut file)? {
            // What a crash left of a line must not swallow the next one.
            file.write_all(b"\n")?;
        }
        let written = file.metadata()?.modified().unwrap_or(now);
        Ok(Opened {
            file,
            step: step(options.every, written),
        })
    }
}

/// One write if the system takes it whole, as it does but on a full disk.
fn write_from(file: &mut fs::File, bytes: &[u8], done: &mut usize, end: usize) -> io::Result<()> {
    while *done < end {
        match file.write(&bytes[*done..end]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => *done += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How many bytes of whole lines lie within `room`; the first line in any case.
fn lines_within(bytes: &[u8], room: u64) -> usize {
    if bytes.len() as u64 <= room {
        return bytes.len();
    }
    let within = &bytes[..room as usize];
    let end = within.iter().rposition(|&byte| byte == b'\n');
    let end = end.or_else(|| bytes.iter().position(|&byte| byte == b'\n'));
    end.map_or(bytes.len(), |at| at + 1)
}

/// Whether the file ends amid a line, and nobody is just writing it: another's write can be seen half done.
fn ends_torn(file: &mut fs::File) -> io::Result<bool> {
    let mut before = None;
    loop {
        // What cannot be looked into, like a pipe, has no torn lines.
        let Ok(len) = file.seek(SeekFrom::End(0)) else {
            return Ok(false);
        };
        let mut last = [b'\n'];
        if len > 0 {
            file.seek(SeekFrom::Start(len - 1))?;
            file.read_exact(&mut last)?;
        }
        if last == *b"\n" || before.is_some_and(|before| before != len) {
            return Ok(false);
        }
        if before.is_some() {
            return Ok(true);
        }
        before = Some(len);
        thread::sleep(Duration::from_millis(20));
    }
}

/// Which step of time an instant lies in; always the same one when there are none.
fn step(every: Option<Duration>, time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    every.map_or(0, |every| (since.as_millis() / every.as_millis().max(1)) as u64)
}

fn is_at(file: &fs::File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(there)) => same(&open, &there),
        _ => false,
    }
}

#[cfg(unix)]
fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Without inode numbers a file that was replaced by another is not noticed before it is opened the next time.
#[cfg(not(unix))]
fn same(_: &Metadata, _: &Metadata) -> bool {
    true
}
