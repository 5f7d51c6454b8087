//! Where a library writes that has no sink of its own for it: nowhere, or to a file; the lines are counted.

use crate::timing::RECORDS;
use std::{
    fs::File,
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

static LINES: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The program's only argument: `null`, or a path.
pub fn asked() -> String {
    std::env::args().nth(1).expect("usage: bench-NAME null|PATH")
}

/// A writer to what is asked for.
#[derive(Debug)]
pub struct Sink(Option<File>);

impl Sink {
    pub fn open() -> Self {
        let path = asked();
        Sink((path != "null").then(|| File::create(&path).unwrap_or_else(|error| panic!("{path}: {error}"))))
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

/// Tells what arrived.
pub fn report_of(lines: u64, bytes: u64) {
    println!("made={RECORDS} arrived={lines} bytes={bytes}");
}
