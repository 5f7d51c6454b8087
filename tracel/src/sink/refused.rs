//! What a server refuses for what it holds is set aside in a file beside the journal, with the reason, for people to mend
//! and send again. How a batch is cut down to the line that is to blame is the shipper's.

#[cfg(test)]
mod tests;

use super::{Batch, Batching, SendError, Sent, Sink};
use serde_json::Value;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Instant, SystemTime},
};

/// The file's name, and the name of the one before it.
const NAME: &str = "refused.ndjson";
const BEFORE: &str = "refused.1.ndjson";
/// Bytes from which on the file becomes the one before it, whose place it takes: both are bounded by this.
const FULL: u64 = 16 << 20;

/// A sink whose refused lines are set aside.
pub(super) struct SetAside {
    sink: Box<dyn Sink>,
    folder: PathBuf,
    full: u64,
    /// Batches of one line that are pending: only they can be set aside, larger ones are cut first.
    pending: Vec<(u64, Vec<u8>)>,
}

impl SetAside {
    /// Nothing is created before the first line is refused.
    pub(super) fn new(sink: Box<dyn Sink>, folder: &Path) -> Self {
        SetAside {
            sink,
            folder: folder.to_owned(),
            full: FULL,
            pending: Vec::new(),
        }
    }
}

impl Sink for SetAside {
    fn name(&self) -> String {
        self.sink.name()
    }

    fn batching(&self) -> Batching {
        self.sink.batching()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        let sent = self.sink.send(batch);
        match sent {
            Err(SendError::Refused { why }) if batch.lines == 1 => Err(set_aside(
                &self.folder,
                self.full,
                &self.sink.name(),
                batch.bytes,
                why,
            )),
            Ok(Sent::Pending) if batch.lines == 1 => {
                self.pending.push((batch.id, batch.bytes.to_vec()));
                sent
            }
            _ => sent,
        }
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        let (folder, full, name) = (&self.folder, self.full, self.sink.name());
        let pending = &mut self.pending;
        self.sink.settle(until, &mut |id, result| {
            let at = pending.iter().position(|(pending, _)| *pending == id);
            let line = at.map(|at| pending.swap_remove(at).1);
            let result = match (result, line) {
                (Err(SendError::Refused { why }), Some(line)) => {
                    Err(set_aside(folder, full, &name, &line, why))
                }
                (result, _) => result,
            };
            report(id, result);
        });
    }

    fn trouble(&mut self) -> Option<String> {
        self.sink.trouble()
    }
}

/// Appends the line, and says in the reason where it is now.
fn set_aside(folder: &Path, full: u64, sink: &str, line: &[u8], why: String) -> SendError {
    let path = folder.join(NAME);
    let kept = append(&path, full, &entry(sink, line, &why));
    let path = path.display();
    SendError::Refused {
        why: match kept {
            Ok(()) => format!("{why} (it is kept in {path})"),
            Err(error) => format!("{why} (it could not be kept in {path}: {error})"),
        },
    }
}

/// One line of JSON: when, who refused it, why, and the record as it was.
fn entry(sink: &str, line: &[u8], why: &str) -> Vec<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    // A record is put in as it stands, its numbers untouched.
    let record = match serde_json::from_slice::<Value>(line) {
        Ok(_) => text.into_owned(),
        Err(_) => Value::from(text).to_string(),
    };
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (sink, why) = (Value::from(sink), Value::from(why));
    format!("{{\"refused_at\":{seconds},\"sink\":{sink},\"why\":{why},\"record\":{record}}}\n").into_bytes()
}

/// In one write, so that processes which share the folder do not mix their lines.
fn append(path: &Path, full: u64, entry: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() + entry.len() as u64 > full) {
        fs::rename(path, path.with_file_name(BEFORE))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    // It holds what the journal holds.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(entry)
}
