//! What a started log consists of: the journal, a shipper for each sink, the levels, and the panic hook that
//! writes what is pending.

use super::keep::{self, Durable, Keep};
use crate::{
    Error,
    encode::complete::Process,
    journal::{self, Journal, OnFull},
    layer::{Layer, levels::Levels},
    ledger::Ledger,
    shipper::{self, Announce, Complete, Report, Shipper, Source},
    sink::Sink,
};
use std::{
    panic,
    sync::{Arc, Mutex, Once, OnceLock, PoisonError, Weak},
    time::{Duration, Instant},
};
use tracing_core::LevelFilter;
use tracing_log::{LogTracer, log};

/// How long a panic waits for the sinks: it may be one that the service survives.
const AT_PANIC: Duration = Duration::from_secs(1);

pub(crate) struct Pipeline {
    journal: Journal,
    shippers: Vec<Shipper>,
    /// Begun once there is a layer.
    ledger: OnceLock<Ledger>,
    /// What it has on disk, where it survives the process.
    keep: Option<Keep>,
    levels: Arc<Levels>,
    overhead: usize,
    /// Whether the crate `log` follows our levels.
    bridged: std::sync::atomic::AtomicBool,
}

/// The pipelines that a panic flushes.
static RUNNING: Mutex<Vec<Weak<Pipeline>>> = Mutex::new(Vec::new());

impl Pipeline {
    pub(crate) fn start(
        service: &str,
        sinks: Vec<Box<dyn Sink>>,
        on_full: OnFull,
        levels: Arc<Levels>,
        durable: Option<Durable>,
    ) -> Result<Arc<Pipeline>, Error> {
        let instance = keep::instance();
        let process = Arc::new(Process::new(service, instance));
        let overhead = process.overhead();
        let options = journal::Options {
            on_full,
            ..journal::Options::default()
        };
        let (keep, journal) = match durable {
            Some(durable) => {
                let (keep, journal) = Keep::begin(durable, service, instance, options)?;
                (Some(keep), journal)
            }
            None => (None, Journal::in_memory(options)?),
        };
        let completes = Arc::clone(&process);
        let complete: Complete =
            Arc::new(move |lane, seq, payload, out| completes.complete(lane, seq, payload, out));
        let announce: Announce = Arc::new(move |loss, out| process.announce(loss, out));
        let shippers = sinks
            .into_iter()
            .enumerate()
            .map(|(slot, sink)| {
                let reader = journal.reader_named(&sink.name())?;
                let own =
                    Source::new(&journal, reader, Arc::clone(&complete)).announcing(Arc::clone(&announce));
                let spool = keep.as_ref().map(|keep| keep.spool(slot));
                let options = shipper::Options {
                    spool,
                    ..shipper::Options::default()
                };
                Shipper::start(own, sink, options)
            })
            .collect::<Result<_, _>>()?;
        let bridged = false.into();
        let pipeline = Arc::new(Pipeline {
            journal,
            shippers,
            ledger: OnceLock::new(),
            keep,
            levels,
            overhead,
            bridged,
        });
        flush_at_panic(&pipeline);
        Ok(pipeline)
    }

    /// Keeps the ledger of what this layer logs, and takes over what dead processes have left.
    pub(crate) fn keep_ledger(&self, layer: &Layer) -> Result<(), Error> {
        let (max, floods) = layer.for_ledger();
        if let Some(keep) = &self.keep {
            keep.adopt(&self.shippers, max);
        }
        let ledger = Ledger::start(self.journal(), max, floods)?;
        // It is begun once.
        let _ = self.ledger.set(ledger);
        Ok(())
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal.clone()
    }

    pub(crate) fn overhead(&self) -> usize {
        self.overhead
    }

    /// Whether every sink has everything by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        shipper::flush_all(&self.shippers, deadline)
    }

    /// The same, at what may be the process's end: what flood control holds is told before.
    pub(crate) fn flush_all(&self, deadline: Instant) -> bool {
        if let Some(ledger) = self.ledger.get() {
            ledger.tell(deadline);
        }
        self.flush(deadline)
    }

    /// The same, at what should be the process's end: a last census is taken before.
    pub(crate) fn close(&self, deadline: Instant) {
        self.end_ledger(deadline);
        self.flush(deadline);
    }

    fn end_ledger(&self, deadline: Instant) {
        if let Some(ledger) = self.ledger.get() {
            ledger.end(deadline);
        }
    }

    /// Takes the last census, and ends.
    pub(crate) fn stop(&self, deadline: Instant) {
        self.end_ledger(deadline);
        // What they could not deliver they have counted and told.
        shipper::stop_all(&self.shippers, deadline);
        if let Some(keep) = &self.keep
            && self.shippers.iter().all(Shipper::is_clear)
        {
            keep.end();
        }
    }

    pub(crate) fn set_levels(&self, directives: &str) -> Vec<String> {
        let wrong = self.levels.set(directives);
        if self.bridged.load(std::sync::atomic::Ordering::Relaxed) {
            log::set_max_level(for_log(self.levels.max()));
        }
        wrong
    }

    /// Takes in what other crates say through the crate `log`.
    pub(crate) fn bridge_log(&self) {
        match LogTracer::builder().with_max_level(for_log(self.levels.max())).init() {
            Ok(()) => self.bridged.store(true, std::sync::atomic::Ordering::Relaxed),
            Err(_) => Report::default().say(
                "the crate `log` has a logger already: its records do not come here; start TraceL before that logger",
            ),
        }
    }
}

fn for_log(level: LevelFilter) -> log::LevelFilter {
    match level.into_level() {
        None => log::LevelFilter::Off,
        Some(tracing_core::Level::ERROR) => log::LevelFilter::Error,
        Some(tracing_core::Level::WARN) => log::LevelFilter::Warn,
        Some(tracing_core::Level::INFO) => log::LevelFilter::Info,
        Some(tracing_core::Level::DEBUG) => log::LevelFilter::Debug,
        Some(_) => log::LevelFilter::Trace,
    }
}

/// Writes what is pending when any thread panics, after the hook that was there before.
fn flush_at_panic(pipeline: &Arc<Pipeline>) {
    static HOOK: Once = Once::new();
    let running = || RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = running();
    all.retain(|one| one.strong_count() > 0);
    all.push(Arc::downgrade(pipeline));
    drop(all);
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            before(info);
            let all: Vec<_> = running().iter().filter_map(Weak::upgrade).collect();
            let deadline = Instant::now() + AT_PANIC;
            for pipeline in all {
                pipeline.flush_all(deadline);
            }
        }));
    });
}
