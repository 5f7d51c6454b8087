//! What a started log consists of: the journal, a shipper for each sink, the levels, and the panic hook that
//! writes what is pending.

use super::{
    again::Seat,
    keep::{self, Durable, Keep, Syncing},
};
use crate::{
    Error, callsite,
    encode::complete::Process,
    handover,
    journal::{self, Journal, OnFull, Reader, fork},
    layer::{Layer, flood::Floods, levels::Levels, sole},
    ledger::Ledger,
    propagate,
    shipper::{self, Announce, Complete, Report, Shipper, Source},
    sink::Sink,
    threads,
};
use std::{
    panic,
    sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError, Weak},
    time::{Duration, Instant},
};
use tracing_core::LevelFilter;
use tracing_log::{LogTracer, log};

/// How long a panic waits for the sinks: it may be one that the service survives.
const AT_PANIC: Duration = Duration::from_secs(1);

/// What it takes to begin a log: here, and once more in a forked child.
pub(crate) struct Plan {
    pub(crate) service: String,
    pub(crate) on_full: OnFull,
    pub(crate) levels: Arc<Levels>,
    pub(crate) durable: Option<Durable>,
    /// How often what is on disk is written through, if ever.
    pub(crate) sync: Option<Duration>,
    /// Whether its journal survives a SIGBUS.
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    pub(crate) at_sigbus: bool,
    pub(crate) seats: Vec<Seat>,
}

pub(crate) struct Pipeline {
    plan: Plan,
    journal: Journal,
    shippers: Vec<Shipper>,
    /// Those of sinks that this process cannot open, which read nothing; and whether what they left was told.
    unread: Vec<(String, Reader)>,
    told: Once,
    /// Begun once there is a layer, with what that says.
    ledger: OnceLock<Ledger>,
    books: OnceLock<(usize, Option<Arc<Floods>>)>,
    /// What it has on disk, where it survives the process.
    keep: Option<Keep>,
    /// Writes it through, if that is asked for.
    _syncing: Option<Syncing>,
    overhead: usize,
    /// Whether the crate `log` follows our levels.
    bridged: std::sync::atomic::AtomicBool,
    /// The pipeline of this process, when it is a forked child that has logged, or when the journal of this one was cut.
    heir: OnceLock<Arc<Pipeline>>,
}

/// The pipelines that a panic flushes.
static RUNNING: Mutex<Vec<Weak<Pipeline>>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Weak<Pipeline>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pipeline {
    /// Starts the plan's sinks, in its order.
    pub(crate) fn start(plan: Plan, sinks: Vec<Box<dyn Sink>>) -> Result<Arc<Pipeline>, Error> {
        static HOLD: Once = Once::new();
        HOLD.call_once(|| {
            // In the order in which they are taken by those who take several.
            fork::hold(&[
                || Box::new(running()),
                callsite::locks,
                handover::locks,
                propagate::policy::locks,
                sole::locks,
            ]);
        });
        let pipeline = Pipeline::open(plan, sinks.into_iter().map(Some).collect())?;
        flush_at_panic(&pipeline);
        Ok(pipeline)
    }

    /// A journal, and a shipper for each sink that there is.
    fn open(plan: Plan, sinks: Vec<Option<Box<dyn Sink>>>) -> Result<Arc<Pipeline>, Error> {
        let instance = keep::instance();
        let process = Arc::new(Process::new(&plan.service, instance));
        let overhead = process.overhead();
        let options = journal::Options {
            on_full: plan.on_full,
            ..journal::Options::default()
        };
        let (keep, journal) = match &plan.durable {
            Some(durable) => match Keep::begin(durable, &plan.service, instance, options)? {
                Some((keep, journal)) => (Some(keep), journal),
                None => (None, Journal::in_memory(options)?),
            },
            None => (None, Journal::in_memory(options)?),
        };
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        if plan.at_sigbus {
            journal.survive_sigbus()?;
        }
        let (completes, defines) = (Arc::clone(&process), journal.clone());
        let complete: Complete = Arc::new(move |lane, seq, payload, out| {
            let defined = |number, show: &mut dyn FnMut(&[u8])| _ = defines.definition(number, show);
            completes.complete(lane, seq, payload, defined, out);
        });
        let announce: Announce = Arc::new(move |loss, out| process.announce(loss, out));
        let (mut shippers, mut unread) = (Vec::new(), Vec::new());
        for (slot, (sink, seat)) in sinks.into_iter().zip(&plan.seats).enumerate() {
            let reader = journal.reader_named(&seat.name)?;
            let Some(sink) = sink else {
                unread.push((seat.name.clone(), reader));
                continue;
            };
            let own = Source::new(&journal, reader, Arc::clone(&complete)).announcing(Arc::clone(&announce));
            let options = shipper::Options {
                spool: keep.as_ref().map(|keep| keep.spool(slot)),
                ..shipper::Options::default()
            };
            shippers.push(Shipper::start(own, sink, options)?);
        }
        let syncing = match (&keep, plan.sync) {
            (Some(keep), Some(every)) => Some(keep.sync(&journal, every)?),
            _ => None,
        };
        let pipeline = Arc::new(Pipeline {
            plan,
            journal,
            shippers,
            unread,
            told: Once::new(),
            ledger: OnceLock::new(),
            books: OnceLock::new(),
            keep,
            _syncing: syncing,
            overhead,
            bridged: false.into(),
            heir: OnceLock::new(),
        });
        let weak = Arc::downgrade(&pipeline);
        pipeline
            .journal
            .at_fork(Box::new(move || weak.upgrade()?.revive()));
        Ok(pipeline)
    }

    /// Begins a log of its own for this process, a forked child of the one that this is of, or one whose journal was cut:
    /// its journal. It does not take over what dead processes have left: that is for starts.
    fn revive(&self) -> Option<Journal> {
        let plan = |durable| Plan {
            service: self.plan.service.clone(),
            on_full: self.plan.on_full,
            levels: Arc::clone(&self.plan.levels),
            durable,
            sync: self.plan.sync,
            #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
            at_sigbus: self.plan.at_sigbus,
            seats: self.plan.seats.clone(),
        };
        let (what, way_out) = match self.journal.is_forked() {
            true => ("this process was forked", "start the log after the fork"),
            false => ("this process has lost its journal", "start the service again"),
        };
        let sinks = || self.plan.seats.iter().map(Seat::again).collect::<Vec<_>>();
        let durable = self.plan.durable.as_ref().map(Durable::in_child);
        let opened = match (Pipeline::open(plan(durable), sinks()), &self.plan.durable) {
            (Err(error), Some(_)) => {
                say(format!("{error}; {what}, and its new journal is in memory"));
                Pipeline::open(plan(None), sinks())
            }
            (opened, _) => opened,
        };
        let heir = opened
            .inspect_err(|error| say(format!("{what}, and cannot log: {error}")))
            .ok()?;
        if !heir.unread.is_empty() {
            let becomes = match heir.keep {
                Some(_) => "are kept for the next start, as far as the journal holds them",
                None => "are lost",
            };
            say(format!(
                "{what}, and a sink that code has given cannot be opened again: records for it {becomes}; give the sink by its address, or {way_out}"
            ));
        }
        if let Some((max, floods)) = self.books.get() {
            let begun = heir.begin_ledger(*max, floods.clone());
            begun.unwrap_or_else(|error| say(error.to_string()));
        }
        // Heirs are made one after another, and only while there is none.
        let _ = self.heir.set(Arc::clone(&heir));
        Some(heir.journal())
    }

    /// The pipelines of this process that have records: those whose journal was cut, and the one that goes on.
    fn living(&self) -> Vec<&Pipeline> {
        let mut living = Vec::new();
        let mut next = Some(self);
        while let Some(pipeline) = next {
            if !pipeline.journal.is_forked() {
                living.push(pipeline);
            }
            let goes_on = pipeline.journal.is_inherited();
            next = pipeline.heir.get().filter(|_| goes_on).map(|heir| &**heir);
        }
        living
    }

    /// The pipeline that goes on: itself, or what it has begun in a forked child or after its journal was cut.
    fn here(&self) -> Option<&Pipeline> {
        match self.journal.is_inherited() {
            true => self.heir.get()?.here(),
            false => Some(self),
        }
    }

    /// Keeps the ledger of what this layer logs, and takes over what dead processes have left.
    pub(crate) fn keep_ledger(&self, layer: &Layer) -> Result<(), Error> {
        let (max, floods) = layer.for_ledger();
        if let Some(keep) = &self.keep {
            keep.adopt(&self.shippers, max);
        }
        self.begin_ledger(max, floods)
    }

    fn begin_ledger(&self, max: usize, floods: Option<Arc<Floods>>) -> Result<(), Error> {
        let ledger = Ledger::start(self.journal(), max, floods.clone())?;
        // It is begun once.
        let _ = (self.ledger.set(ledger), self.books.set((max, floods)));
        Ok(())
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// The journal that this process writes to.
    pub(crate) fn current(&self) -> Option<Journal> {
        self.here().map(Pipeline::journal)
    }

    pub(crate) fn overhead(&self) -> usize {
        self.overhead
    }

    /// Whether every sink has everything by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let living = self.living().into_iter();
        // Each is waited for, also after one that failed.
        living
            .filter(|pipeline| !shipper::flush_all(&pipeline.shippers, deadline))
            .count()
            == 0
    }

    /// The same, at what may be the process's end: what flood control holds is told before.
    pub(crate) fn flush_all(&self, deadline: Instant) -> bool {
        if let Some(ledger) = self.here().and_then(|here| here.ledger.get()) {
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
        if let Some(ledger) = self.here().and_then(|here| here.ledger.get()) {
            ledger.end(deadline);
        }
    }

    /// Takes the last census, and ends.
    pub(crate) fn stop(&self, deadline: Instant) {
        self.end_ledger(deadline);
        for pipeline in self.living() {
            // What they could not deliver they have counted and told.
            shipper::stop_all(&pipeline.shippers, deadline);
            pipeline.told.call_once(|| {
                for (name, reader) in &pipeline.unread {
                    shipper::give_up(&pipeline.journal, reader, name, &Report::default());
                }
            });
            if let Some(keep) = &pipeline.keep
                && pipeline.unread.is_empty()
                && pipeline.shippers.iter().all(Shipper::is_clear)
            {
                keep.end();
            }
        }
    }

    pub(crate) fn set_levels(&self, directives: &str) -> Vec<String> {
        let wrong = self.plan.levels.set(directives);
        if self.bridged.load(std::sync::atomic::Ordering::Relaxed) {
            log::set_max_level(for_log(self.plan.levels.max()));
        }
        wrong
    }

    /// Takes in what other crates say through the crate `log`.
    pub(crate) fn bridge_log(&self) {
        match LogTracer::builder().with_max_level(for_log(self.plan.levels.max())).init() {
            Ok(()) => self.bridged.store(true, std::sync::atomic::Ordering::Relaxed),
            Err(_) => Report::default().say(
                "the crate `log` has a logger already: its records do not come here; start TraceL before that logger",
            ),
        }
    }
}

/// Tells people, on a thread of its own: in a forked child stderr may be locked by a thread of the parent's for ever.
fn say(text: String) {
    // Without a thread there is nobody to tell.
    let _ = threads::start("tracel report", Box::new(move || Report::default().say(&text)));
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
