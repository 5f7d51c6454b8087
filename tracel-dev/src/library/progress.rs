//! Progress of a long step on stderr: a bar on a terminal, else a plain line now and then.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

/// How often a plain line is written at most.
const PAUSE: Duration = Duration::from_secs(5);

/// One step of known length.
pub(super) struct Progress {
    name: &'static str,
    length: u64,
    bar: Option<ProgressBar>,
    told: Mutex<Instant>,
}

impl Progress {
    pub(super) fn new(name: &'static str, length: u64) -> Progress {
        let is_terminal = std::io::stderr().is_terminal();
        let style = ProgressStyle::with_template("{msg:12} {wide_bar} {bytes}/{total_bytes} {elapsed}");
        let bar = style
            .ok()
            .filter(|_| is_terminal)
            .map(|style| ProgressBar::new(length).with_style(style).with_message(name));
        if bar.is_none() {
            say(&format!("{name}: {} MB", length / 1_000_000));
        }
        Progress {
            name,
            length,
            bar,
            told: Mutex::new(Instant::now()),
        }
    }

    /// Says that `position` of the length is done.
    pub(super) fn set(&self, position: u64) {
        let position = position.min(self.length);
        match &self.bar {
            Some(bar) => bar.set_position(position),
            None => {
                let Ok(mut told) = self.told.lock() else { return };
                if told.elapsed() >= PAUSE {
                    *told = Instant::now();
                    say(&format!(
                        "{}: {} of {} MB",
                        self.name,
                        position / 1_000_000,
                        self.length / 1_000_000
                    ));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// One line on stderr.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
