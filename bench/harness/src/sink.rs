//! Where a library writes that has no sink of its own for it: nowhere, or to a file; the lines are counted.

use crate::{
    asked::Asked,
    timing::{made, since},
};
use std::{
    fs::File,
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

static LINES: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// A writer to what is asked for.
#[derive(Debug)]
pub struct Sink(Option<File>);

impl Sink {
    /// # Panics
    /// When there is no such file.
    pub fn open(asked: &Asked) -> Self {
        let path = &asked.sink;
        Sink((path != "null").then(|| File::create(path).unwrap_or_else(|error| panic!("{path}: {error}"))))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match &mut self.0 {
            Some(file) => file.write(bytes)?,
            None => bytes.len(),
        };
        let lines = bytes[..taken].iter().filter(|&&byte| byte == b'\n').count();
        LINES.fetch_add(lines as u64, Relaxed);
        BYTES.fetch_add(taken as u64, Relaxed);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells, at the end, what arrived at a [`Sink`].
pub fn report() {
    report_of(LINES.load(Relaxed), BYTES.load(Relaxed));
}

/// Tells what arrived, and how many a second did since the clock runs.
pub fn report_of(lines: u64, bytes: u64) {
    let (arrived, seconds) = since(lines);
    let (made, rate) = (made(), arrived as f64 / seconds);
    println!("made={made} arrived={lines} bytes={bytes} rate={rate:.0}");
}
