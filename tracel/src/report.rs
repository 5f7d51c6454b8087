//! How people are told of trouble: on stderr, past the log, and not more often than they can bear.

use crate::stdio::Unlocked;
use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

/// Where reports go: stderr, each one line after `tracel: `.
#[derive(Clone)]
pub struct Report(Arc<dyn Fn(&str) + Send + Sync>);

impl Report {
    /// Reports go to `f`, which must not log.
    pub fn to(f: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Report(Arc::new(f))
    }

    /// Tells at once.
    pub fn say(&self, text: &str) {
        (self.0)(text);
    }
}

impl Default for Report {
    fn default() -> Self {
        // In one piece. There is nobody left to tell when stderr fails.
        Report::to(|text| _ = Unlocked(io::stderr()).write_all(format!("tracel: {text}\n").as_bytes()))
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report")
    }
}

/// Tells of one kind of trouble, the first at once and then at most once an interval, with how often it happened.
pub(crate) struct Teller {
    report: Report,
    every: Duration,
    last: Option<Instant>,
    held: u64,
}

impl Teller {
    pub(crate) fn new(report: Report, every: Duration) -> Self {
        Teller {
            report,
            every,
            last: None,
            held: 0,
        }
    }

    /// Tells, or counts it for the next time. True when it told.
    pub(crate) fn tell(&mut self, text: impl FnOnce() -> String) -> bool {
        if self.last.is_some_and(|last| last.elapsed() < self.every) {
            self.held += 1;
            return false;
        }
        self.say(text());
        true
    }

    /// Apart, so that it is compiled once and not for each text.
    fn say(&mut self, mut text: String) {
        if self.held > 0 {
            text += &format!(" ({} times more since the last report)", self.held);
        }
        self.report.say(&text);
        self.last = Some(Instant::now());
        self.held = 0;
    }
}
