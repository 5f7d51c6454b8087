//! How a journal is made, and what it does when it is full.

use super::layout::{Layout, MOST_CHUNKS, is_chunk};
use crate::{Error, units};
use std::{str::FromStr, time::Duration};

/// What happens to a record when the journal is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFull {
    /// It is dropped and counted under its `seq`, so that the loss can be proved. The caller goes on at once.
    #[default]
    DropNewest,
    /// The caller waits for room, at most that long; then it is dropped as above. For a sink that fails or stalls there is
    /// room on disk, where the journal is durable: only one that answers is waited for.
    Block(Duration),
}

impl FromStr for OnFull {
    type Err = Error;

    /// `drop_newest`, or `block:` and a duration like `5s`; the value of `TRACEL_ON_FULL`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(format!("`{text}` is no policy for a full journal"))
                .help("write `drop_newest` or `block:5s`")
        };
        match text.split_once(':') {
            None if text == "drop_newest" => Ok(OnFull::DropNewest),
            Some(("block", time)) => units::duration(time).map(OnFull::Block).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// How a journal is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Bytes for records: 16 MiB.
    pub size: usize,
    /// Bytes of a chunk: 64 KiB. A record must fit into one, with about 120 bytes to spare.
    pub chunk: usize,
    /// What happens to a record when it is full.
    pub on_full: OnFull,
}

impl Options {
    /// What that makes.
    pub(crate) fn layout(&self) -> Result<Layout, Error> {
        let Options { size, chunk, .. } = *self;
        if !is_chunk(chunk) {
            return Err(
                Error::new(format!("a journal cannot have chunks of {chunk} bytes"))
                    .help("choose a multiple of 64 between 1 KiB and 8 MiB"),
            );
        }
        match u32::try_from(size / chunk) {
            Ok(chunks) if (4..=MOST_CHUNKS).contains(&chunks) => Ok(Layout::new(chunk, chunks)),
            _ => Err(Error::new(format!(
                "a journal of {size} bytes cannot be cut into chunks of {chunk}"
            ))
            .help("make it at least 4 and at most 1048576 chunks long")),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            size: 16 << 20,
            chunk: 64 << 10,
            on_full: OnFull::DropNewest,
        }
    }
}
