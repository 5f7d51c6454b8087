//! `stdout:` writes the lines as they are. Also the output that it shares with `pretty:`.

use super::{Batch, SendError, Sent, Sink};
use crate::stdio::{self, Unlocked};
use std::{
    io::{self, ErrorKind, Write},
    thread,
    time::Duration,
};

/// JSON lines on an output; by its address the process's standard output.
#[derive(Debug)]
pub struct Stdout<W = stdio::Stdout> {
    out: Output<W>,
}

impl Stdout {
    /// To the standard output.
    #[must_use]
    pub fn new() -> Self {
        Stdout::to(Unlocked(io::stdout()))
    }
}

impl Default for Stdout {
    fn default() -> Self {
        Stdout::new()
    }
}

impl<W: Write> Stdout<W> {
    /// To any output.
    pub fn to(out: W) -> Self {
        Stdout {
            out: Output::new(out),
        }
    }
}

impl<W: Write + Send> Sink for Stdout<W> {
    fn name(&self) -> String {
        "stdout:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        self.out.write(batch.id, batch.bytes)
    }
}

/// How often an output that would block is tried again before the batch is given back.
const TRIES: u32 = 200;

/// An output of whole lines, which goes on where it was interrupted.
#[derive(Debug)]
pub(super) struct Output<W> {
    out: W,
    /// How much of which batch is written already.
    resume: (u64, usize),
}

impl<W: Write> Output<W> {
    pub(super) fn new(out: W) -> Self {
        Output { out, resume: (0, 0) }
    }

    /// Writes what is not written yet of a batch, in one call if the other side takes it.
    pub(super) fn write(&mut self, id: u64, bytes: &[u8]) -> Result<Sent, SendError> {
        let mut done = if self.resume.0 == id {
            self.resume.1.min(bytes.len())
        } else {
            0
        };
        let mut tries = 0;
        loop {
            let result = if done < bytes.len() {
                self.out.write(&bytes[done..])
            } else {
                self.out.flush().map(|()| 0)
            };
            match result {
                Ok(0) if done == bytes.len() => return Ok(Sent::Acknowledged),
                Ok(0) => return Err(SendError::closed("it takes no more bytes")),
                Ok(n) => {
                    done += n;
                    self.resume = (id, done);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    ErrorKind::BrokenPipe => {
                        return Err(SendError::closed("nobody reads it any more (broken pipe)"));
                    }
                    // A terminal or pipe that another process has made non-blocking.
                    ErrorKind::WouldBlock if tries < TRIES => {
                        tries += 1;
                        thread::sleep(Duration::from_millis(5));
                    }
                    _ => return Err(SendError::retry(error)),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_panic() {
        let (reader, writer) = io::pipe().unwrap();
        let mut sink = Stdout::to(writer);
        assert_eq!(sink.send(&Batch::new(1, b"{}\n")), Ok(Sent::Acknowledged));
        drop(reader);
        assert!(matches!(
            sink.send(&Batch::new(2, b"{}\n")),
            Err(SendError::Closed { .. })
        ));
    }

    /// Takes a few bytes at a time, and fails now and then.
    struct Slow {
        taken: Vec<u8>,
        calls: u32,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            match self.calls % 4 {
                0 => Err(ErrorKind::WouldBlock.into()),
                1 => Err(ErrorKind::Interrupted.into()),
                2 => Err(io::Error::other("busy")),
                _ => {
                    let n = bytes.len().min(3);
                    self.taken.extend_from_slice(&bytes[..n]);
                    Ok(n)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_batch_that_is_sent_again_goes_on_where_it_was() {
        let mut sink = Stdout::to(Slow {
            taken: Vec::new(),
            calls: 0,
        });
        for (id, bytes) in [(7, &b"one line\nanother\n"[..]), (8, b"third\n")] {
            let batch = Batch::new(id, bytes);
            assert_eq!(batch.lines, bytes.iter().filter(|&&b| b == b'\n').count());
            while sink.send(&batch).is_err() {}
        }
        assert_eq!(sink.out.out.taken, b"one line\nanother\nthird\n");
    }
}
