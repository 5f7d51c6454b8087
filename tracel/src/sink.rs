//! Where records go: the [`Sink`] trait, and the sinks that an address names. A sink sees batches of bytes; what a
//! record is, and when a batch is tried again, is not its business but the shipper's.

pub mod address;
#[cfg(feature = "clickhouse")]
pub mod clickhouse;
pub mod file;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod null;
pub mod pretty;
#[cfg(any(feature = "clickhouse", feature = "http", feature = "kafka"))]
mod refused;
#[cfg(any(feature = "clickhouse", feature = "http"))]
mod retry_after;
#[cfg(all(test, any(feature = "clickhouse", feature = "http")))]
mod served;
pub mod stdout;
mod url;

pub use address::Address;

use std::{
    fmt,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

/// A place for records. Each sink has a thread of its own, on which all of this is called; it may block there without
/// keeping the service or another sink waiting.
///
/// What is logged on that thread, by a client library for example, does not enter the log.
///
/// ```
/// use std::{sync::mpsc, time::Duration};
/// use tracel::sink::{Batch, Batching, SendError, Sent, Sink};
///
/// /// Hands lines to another part of the program.
/// struct Lines(mpsc::Sender<String>);
///
/// impl Sink for Lines {
///     fn name(&self) -> String {
///         "lines".to_owned()
///     }
///
///     fn batching(&self) -> Batching {
///         let mut batching = Batching::default();
///         batching.linger = Duration::from_millis(10); // a batch that is not full waits so long for more
///         batching
///     }
///
///     fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
///         let lines = String::from_utf8_lossy(batch.bytes).into_owned();
///         self.0.send(lines).map_err(SendError::closed)?; // nobody will ever take it: it counts as lost
///         Ok(Sent::Acknowledged)
///     }
/// }
///
/// # fn main() -> Result<(), tracel::Error> {
/// let (sender, lines) = mpsc::channel();
/// let guard = tracel::init(tracel::DEFAULT_SCHEMA).sink_with(Lines(sender)).start()?;
/// tracel::log_info!(SysLog("started"));
/// drop(guard);
/// assert!(lines.iter().any(|line| line.contains("\"message\":\"started\"")));
/// # Ok(())
/// # }
/// ```
pub trait Sink: Send {
    /// How people are told which sink it is. Without credentials.
    fn name(&self) -> String;

    /// How its batches are to be.
    fn batching(&self) -> Batching {
        Batching::default()
    }

    /// Takes a batch.
    ///
    /// [`Sent::Acknowledged`]: all of it is where it belongs. [`Sent::Pending`]: it is under way, the bytes were copied,
    /// and [`settle`](Sink::settle) will tell; the batch counts against [`Batching::in_flight`] until then.
    ///
    /// # Errors
    /// What failed, and what is to be done about it. A batch that is tried again has the same id and the same bytes.
    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError>;

    /// Reports, by their ids, what became of batches that [`send`](Sink::send) left pending, in any order, each once.
    /// Called only while there are any; waits for a report until `until` at the latest, and returns early when it has one.
    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        _ = (until, report);
    }

    /// What has kept pending batches from arriving for some time, for people. Asked after each
    /// [`settle`](Sink::settle); the shipper sees to it that it is not told too often. The batches stay pending.
    fn trouble(&mut self) -> Option<String> {
        None
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn batching(&self) -> Batching {
        (**self).batching()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        (**self).send(batch)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        (**self).settle(until, report);
    }

    fn trouble(&mut self) -> Option<String> {
        (**self).trouble()
    }
}

/// Complete lines of JSON, each with its line feed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Batch<'a> {
    /// The same for each attempt at the same lines, and for no other lines of this process.
    pub id: u64,
    /// The lines.
    pub bytes: &'a [u8],
    /// How many.
    pub lines: usize,
    /// What the bytes are a part of, and which.
    whole: Option<(&'a Arc<Vec<u8>>, usize)>,
}

/// A batch's bytes, for longer than the batch.
pub(crate) struct Kept {
    whole: Arc<Vec<u8>>,
    part: Range<usize>,
}

impl Kept {
    /// The batch again.
    pub(crate) fn batch(&self, id: u64, lines: usize) -> Batch<'_> {
        Batch::of(id, &self.whole, self.part.clone(), lines)
    }
}

impl<'a> Batch<'a> {
    /// A batch of whole lines; counts them.
    #[must_use]
    pub fn new(id: u64, bytes: &'a [u8]) -> Self {
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        Batch {
            id,
            bytes,
            lines,
            whole: None,
        }
    }

    /// So many lines, which are a part of the whole.
    pub(crate) fn of(id: u64, whole: &'a Arc<Vec<u8>>, part: Range<usize>, lines: usize) -> Self {
        Batch {
            id,
            bytes: &whole[part.clone()],
            lines,
            whole: Some((whole, part.start)),
        }
    }

    /// The bytes; copied only where nothing holds them.
    pub(crate) fn keep(&self) -> Kept {
        let (whole, start) = match self.whole {
            Some((whole, start)) => (Arc::clone(whole), start),
            None => (Arc::new(self.bytes.to_vec()), 0),
        };
        let part = start..start + self.bytes.len();
        Kept { whole, part }
    }
}

/// What became of a batch that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is where it belongs.
    Acknowledged,
    /// It is under way.
    Pending,
}

/// How a sink wants its batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batching {
    /// Bytes from which on a batch is full; its last line may lie beyond them: 1 MiB.
    pub bytes: usize,
    /// Lines at most: 10,000.
    pub lines: usize,
    /// How long the first line of a batch that is not full waits for others: not at all.
    pub linger: Duration,
    /// How many batches may be under way at once: 1. More only for sinks that leave them pending.
    pub in_flight: usize,
}

impl Batching {
    /// How many full batches so many bytes are.
    pub(crate) fn of(&self, bytes: usize) -> usize {
        bytes / self.bytes.max(1)
    }
}

impl Default for Batching {
    fn default() -> Self {
        Batching {
            bytes: 1 << 20,
            lines: 10_000,
            linger: Duration::ZERO,
            in_flight: 1,
        }
    }
}

/// Why a batch did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// It may arrive another time: the batch is kept and tried again, for as long as the process lives.
    Retry {
        /// What failed, for people.
        why: String,
        /// How long the other side asks to be left alone.
        after: Option<Duration>,
    },
    /// It will never be taken because of what it holds. It is cut in halves down to the line that is to blame, which is
    /// counted and named; the others go on.
    Refused {
        /// What was said, for people.
        why: String,
    },
    /// There is nobody any more who would take it, like a pipe whose reader is gone: it is counted as lost.
    Closed {
        /// What happened, for people.
        why: String,
    },
    /// It was not tried, for one before it failed: it is sent again after that one.
    Untried,
}

impl SendError {
    /// To be tried again.
    pub fn retry(why: impl fmt::Display) -> Self {
        SendError::Retry {
            why: why.to_string(),
            after: None,
        }
    }

    /// Refused for what it holds.
    pub fn refused(why: impl fmt::Display) -> Self {
        SendError::Refused { why: why.to_string() }
    }

    /// Gone for good.
    pub fn closed(why: impl fmt::Display) -> Self {
        SendError::Closed { why: why.to_string() }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Retry { why, .. } | SendError::Refused { why } | SendError::Closed { why } => why,
            SendError::Untried => "not tried, for one before it failed",
        })
    }
}

impl std::error::Error for SendError {}
