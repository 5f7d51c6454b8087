//! `tracel recover`.

use super::{tell, written};
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::mpsc,
    time::{Duration, Instant},
};
use tracel::{
    recover::{self, Left, Recovery},
    sink::Address,
};

/// How often a watch looks for what has died.
const EVERY: Duration = Duration::from_secs(5);
/// How long one look at what is delivered waits.
const STEP: Duration = Duration::from_millis(200);

const NOTHING: &str = "no dead process has left anything\n";

pub(crate) struct Options {
    /// Where it goes; nowhere: it is told.
    pub(crate) sinks: Vec<Address>,
    /// Go on until the process is told to end.
    pub(crate) watch: bool,
    /// How long to wait for the sinks.
    pub(crate) wait: Duration,
}

pub(crate) fn run(folder: &Path, options: &Options) -> Result<ExitCode, String> {
    match options {
        Options { sinks, .. } if sinks.is_empty() => list(folder),
        Options { watch: true, .. } => watch(folder, options),
        _ => once(folder, options),
    }
}

fn find(folder: &Path) -> Result<Vec<Left>, String> {
    let (left, wrong) = recover::find(folder).map_err(|error| error.to_string())?;
    wrong.iter().for_each(|error| tell(&format!("tracel: {error}")));
    Ok(left)
}

/// Tells what is there, and changes nothing.
fn list(folder: &Path) -> Result<ExitCode, String> {
    let all = find(folder)?;
    let mut text = String::new();
    for left in &all {
        text.push_str(&format!(
            "{} {} (process {}) {}\n",
            left.service(),
            left.instance(),
            left.pid(),
            left.path().display()
        ));
        for open in left.open().map_err(|error| error.to_string())? {
            let sink = if open.sink.is_empty() {
                "no sink yet"
            } else {
                &open.sink
            };
            text.push_str(&format!(
                "    {sink}: {} records in the journal, {} lines put aside\n",
                open.in_journal, open.spooled
            ));
        }
    }
    if all.is_empty() {
        text.push_str(NOTHING);
    }
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// Has it delivered; how many processes' there are.
fn deliver(recovery: &Recovery, all: Vec<Left>) -> usize {
    let count = all.len();
    for left in all {
        let (service, instance) = (left.service().to_owned(), left.instance());
        for sink in recovery.deliver(left) {
            tell(&format!(
                "tracel: {service} {instance} has records for {sink} as well: they are kept; give a --sink for each of its sinks"
            ));
        }
    }
    count
}

fn once(folder: &Path, options: &Options) -> Result<ExitCode, String> {
    let recovery = Recovery::to(&options.sinks, folder).map_err(|error| error.to_string())?;
    let count = deliver(&recovery, find(folder)?);
    let is_done = recovery.flush(options.wait);
    let text = match is_done {
        true if count == 0 => NOTHING.to_owned(),
        true => format!("what {count} processes had left is delivered\n"),
        false => format!(
            "not all of what {count} processes had left is delivered after {:?}: the rest is kept\n",
            options.wait
        ),
    };
    written(io::stdout().write_all(text.as_bytes()))?;
    // A sink that nobody stood for keeps its records: that is no success either.
    let is_empty = is_done && find(folder)?.is_empty();
    Ok(if is_empty {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn watch(folder: &Path, options: &Options) -> Result<ExitCode, String> {
    let recovery = Recovery::to(&options.sinks, folder).map_err(|error| error.to_string())?;
    let (end, ended) = mpsc::channel();
    ctrlc::set_handler(move || {
        // It is told once; more often changes nothing.
        let _ = end.send(());
    })
    .map_err(|error| format!("cannot wait for the signal to end: {error}"))?;
    let mut told: Vec<uuid::Uuid> = Vec::new();
    loop {
        // What has no sink here is found again each time: it is told once.
        let mut all = find(folder)?;
        all.retain(|left| !told.contains(&left.instance()));
        told.extend(all.iter().map(Left::instance));
        let count = deliver(&recovery, all);
        if count > 0 {
            tell(&format!("tracel: delivering what {count} processes have left"));
        }
        match ended.recv_timeout(EVERY) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            _ => break,
        }
    }
    // What is not delivered in time is there for the next one.
    let until = Instant::now() + options.wait;
    while !recovery.flush(STEP) && Instant::now() < until {}
    Ok(ExitCode::SUCCESS)
}
