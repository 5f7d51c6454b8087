//! How a service starts and ends its log: [`init`], [`layer`] and the [`Guard`]. Settings come from code and from the
//! environment, which wins: it is the operator's.

mod again;
mod environment;
mod guard;
#[cfg(all(target_os = "linux", not(loom)))]
mod keep;
#[cfg(not(all(target_os = "linux", not(loom))))]
#[path = "setup/keep_nothing.rs"]
mod keep;
mod pipeline;
#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
mod sigterm;
#[cfg(all(target_os = "linux", not(loom)))]
mod sync;

pub use guard::Guard;

use crate::{
    Error,
    journal::OnFull,
    layer::{Layer, levels::Levels, sole::Sole},
    schema::Schema,
    shipper::Report,
    sink::{Address, Sink},
    units,
};
use again::Seat;
use environment::{Environment, LEVELS, ON_FULL, SINK, SPOOL, SYNC};
use keep::Durable;
use pipeline::{Pipeline, Plan};
use std::{
    cell::RefCell,
    env, fmt,
    io::IsTerminal,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing_core::{Dispatch, dispatcher};

/// How long a dropped guard waits for the sinks, unless it is told otherwise.
const DEADLINE: Duration = Duration::from_secs(5);

/// Begins the set-up of a service's log; `schema` is the generated `logs::SCHEMA`.
///
/// ```no_run
/// # fn main() -> Result<(), tracel::Error> {
/// let _guard = tracel::init(tracel::DEFAULT_SCHEMA).service("Payment").sink("stdout:").start()?;
/// # Ok(())
/// # }
/// ```
///
/// | variable | what it sets, over what code says |
/// | --- | --- |
/// | `TRACEL_SERVICE` | the service's name |
/// | `TRACEL_SINK` | the sinks, one or several, parted by spaces |
/// | `TRACEL_LOG` | the levels: `warn,payment=debug` |
/// | `TRACEL_ON_FULL` | `drop_newest` or `block:5s` |
/// | `TRACEL_DIR` | the folder for what must survive the process; see [`Init::folder`] |
/// | `TRACEL_SPOOL` | how much disk what sinks are behind with may take: `2GiB` |
/// | `TRACEL_SYNC` | how often what is on disk is written through, against a loss of power: `1s`; see [`Init::sync_every`] |
/// | `TRACEL_HASH_KEY` | the key that sensitive values are hashed with, under `policy.sensitive = "hash"` |
pub fn init(schema: Schema) -> Init {
    Init {
        schema,
        service: None,
        addresses: Vec::new(),
        sinks: Vec::new(),
        levels: String::new(),
        on_full: OnFull::default(),
        volatile: false,
        folder: None,
        spool: None,
        sync: None,
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        at_sigterm: false,
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        at_sigbus: false,
        deadline: DEADLINE,
    }
}

/// The layer alone, beside others of yours, with the sinks that `TRACEL_SINK` names (else standard output). What is
/// wrong with the environment is told on stderr, and the default holds. Records that are pending are written when the
/// thread that made the layer ends, as the main thread does at the end of `main`; for a [`Guard`], and for settings in
/// code, see [`Init::build`].
///
/// Other layers decide for themselves what they take; this one takes what `TRACEL_LOG` says.
///
/// ```
/// use tracing_subscriber::prelude::*;
/// let subscriber = tracing_subscriber::registry().with(tracel::layer(tracel::DEFAULT_SCHEMA));
/// # drop(subscriber);
/// ```
#[must_use]
pub fn layer(schema: Schema) -> Layer {
    thread_local! {
        static AT_END: RefCell<Vec<Flush>> = const { RefCell::new(Vec::new()) };
    }
    struct Flush(Arc<Pipeline>);
    impl Drop for Flush {
        fn drop(&mut self) {
            self.0.close(Instant::now() + DEADLINE);
        }
    }
    let (layer, pipeline) = init(schema).volatile().assemble().unwrap_or_else(|error| {
        Report::default().say(&format!("{error}; records go to standard output instead"));
        let plain = Init {
            addresses: vec!["stdout:".into()],
            ..init(schema)
        };
        plain
            .assemble_of(&Environment::default())
            .unwrap_or_else(|error| {
                // Not even a thread is to be had.
                panic!("tracel: {error}")
            })
    });
    AT_END.with(|at_end| at_end.borrow_mut().push(Flush(pipeline)));
    layer
}

/// What is said of what must survive the process.
struct Wish {
    /// Code names a folder: whatever the sinks are.
    is_asked: bool,
    folder: Option<PathBuf>,
    /// In bytes.
    spool: Option<u64>,
}

/// The set-up of a service's log, made by [`init`].
#[must_use = "nothing is logged before `start`"]
pub struct Init {
    schema: Schema,
    service: Option<String>,
    addresses: Vec<String>,
    sinks: Vec<Box<dyn Sink>>,
    levels: String,
    on_full: OnFull,
    volatile: bool,
    folder: Option<PathBuf>,
    spool: Option<u64>,
    sync: Option<Duration>,
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    at_sigterm: bool,
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    at_sigbus: bool,
    deadline: Duration,
}

/// Without the sinks' addresses, which may hold passwords.
impl fmt::Debug for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Init")
            .field(
                "schema",
                &format_args!("{}@{}", self.schema.name, self.schema.version),
            )
            .field("service", &self.service)
            .field("levels", &self.levels)
            .field("on_full", &self.on_full)
            .field("volatile", &self.volatile)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Init {
    /// The service's name; else it is the schema's, else the executable's.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// A sink by its address, see [`Address`]; several calls make several sinks. Without any it is `pretty:` where
    /// standard output is a terminal, else `stdout:`.
    pub fn sink(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self
    }

    /// A sink of your own, beside those that have an address. `TRACEL_SINK` does not replace it.
    pub fn sink_with(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push(Box::new(sink));
        self
    }

    /// The levels, like `warn,payment=debug`; `info` unless told otherwise.
    pub fn levels(mut self, directives: impl Into<String>) -> Self {
        self.levels = directives.into();
        self
    }

    /// What happens to a record while the journal is full.
    pub fn on_full(mut self, on_full: OnFull) -> Self {
        self.on_full = on_full;
        self
    }

    /// The folder under which the service keeps what must survive it: the journal, and what a sink is behind with. Each
    /// service has a folder of its own there, for its user alone, and each process one in that. What a process leaves
    /// when it is killed, the next start of the service delivers, or `tracel recover`.
    ///
    /// Without it, it is the user's folder for state (`$XDG_STATE_HOME/tracel`, `~/.local/state/tracel`) when a sink is
    /// over the network; beside its file, when the sinks are files; and for `stdout:`, `pretty:` and `null:` alone the
    /// journal is in memory. A folder in memory (a tmpfs) is taken only when it is named.
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// How many bytes on disk what sinks are behind with may take, over all sinks: 1 GiB unless told otherwise. When
    /// they are spent, the journal fills, and [`on_full`](Init::on_full) says what happens.
    pub fn spool_budget(mut self, bytes: u64) -> Self {
        self.spool = Some(bytes);
        self
    }

    /// Has what is on disk written through every so often, on a thread of its own: after a loss of power no more is missing
    /// than what was logged in that time. Without it, that is what the system had not written by itself, half a minute of
    /// records or so. A process that dies loses nothing either way.
    pub fn sync_every(mut self, every: Duration) -> Self {
        self.sync = Some(every);
        self
    }

    /// Writes what is pending when SIGTERM comes, within the [flush deadline](Init::flush_deadline), and then ends as
    /// SIGTERM ends a process. Only where nobody handles or ignores that signal yet; else it is told on stderr, and the
    /// signal is left alone. A journal in a file needs none of it: the next start delivers what is pending.
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    pub fn flush_on_sigterm(mut self) -> Self {
        self.at_sigterm = true;
        self
    }

    /// Survives that somebody makes the journal's file shorter while the service runs, or that its disk cannot be read: else
    /// the kernel ends the process by SIGBUS. What sinks had not taken of that journal is then lost, announced to them as far
    /// as it was counted, and told on stderr; the log goes on in a new journal, with the sinks that have an address. The
    /// handler takes what concerns the journal's memory alone, and hands every other SIGBUS on to whoever handled it when the
    /// log was started.
    #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
    pub fn survive_sigbus(mut self) -> Self {
        self.at_sigbus = true;
        self
    }

    /// Accepts that records which no sink has yet are lost when the process is killed: a sink over the network
    /// otherwise wants a durable folder.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// How long a dropped [`Guard`] waits for the sinks: 5 s unless told otherwise.
    pub fn flush_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts the log: this process's `tracing` subscriber, the bridge from the crate `log`, and a panic hook (before
    /// the one that is there) that writes what is pending. Keep the guard until the end of `main`.
    ///
    /// The subscriber is TraceL's own, without `tracing_subscriber`'s `Registry`: a crate that looks for one in the process's
    /// subscriber, or wants to put data of its own on spans, needs [`layer`](fn@layer) or [`Init::build`] in a stack of yours.
    ///
    /// # Errors
    /// When a setting is wrong, a sink cannot be opened, or the process has a subscriber already.
    pub fn start(self) -> Result<Guard, Error> {
        let deadline = self.deadline;
        let (layer, pipeline) = self.assemble()?;
        dispatcher::set_global_default(Dispatch::new(Sole(layer))).map_err(|error| {
            Error::new("this process has a tracing subscriber already")
                .help("start TraceL first, or add `tracel::layer(logs::SCHEMA)` to that subscriber")
                .because(error)
        })?;
        pipeline.bridge_log();
        Ok(Guard {
            pipeline,
            deadline,
            is_global: true,
        })
    }

    /// The layer alone, to be put beside others, and the guard of its sinks.
    ///
    /// # Errors
    /// When a setting is wrong or a sink cannot be opened.
    pub fn build(self) -> Result<(Layer, Guard), Error> {
        let deadline = self.deadline;
        let (layer, pipeline) = self.assemble()?;
        let guard = Guard {
            pipeline,
            deadline,
            is_global: false,
        };
        Ok((layer, guard))
    }

    fn assemble(self) -> Result<(Layer, Arc<Pipeline>), Error> {
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for (name, meant) in environment::slips(names) {
            Report::default().say(&format!(
                "{name} is a variable that nobody reads; did you mean {meant}?"
            ));
        }
        self.assemble_of(&Environment::read())
    }

    fn assemble_of(self, environment: &Environment) -> Result<(Layer, Arc<Pipeline>), Error> {
        let on_full = match &environment.on_full {
            Some(text) => text.parse().map_err(|error: Error| error.at(ON_FULL))?,
            None => self.on_full,
        };
        let mut addresses = match &environment.sinks {
            Some(text) => Address::list(text).map_err(|error| error.at(SINK))?,
            None => self
                .addresses
                .iter()
                .map(|text| text.parse())
                .collect::<Result<Vec<Address>, Error>>()?,
        };
        let named = environment.folder.as_ref().map(PathBuf::from);
        let spool = environment.spool.as_deref().map(units::size).transpose();
        let wish = Wish {
            is_asked: self.folder.is_some(),
            folder: named.or(self.folder),
            spool: spool.map_err(|error| error.at(SPOOL))?.or(self.spool),
        };
        let service = environment
            .service
            .clone()
            .or(self.service)
            .unwrap_or_else(|| service_of(&self.schema));
        let sync = environment.sync.as_deref().map(units::duration).transpose();
        let sync = sync.map_err(|error| error.at(SYNC))?.or(self.sync);
        let durable = match self.volatile {
            true => None,
            false => Durable::choose(&wish, &addresses, &service)?,
        };
        if addresses.is_empty() && self.sinks.is_empty() {
            let usual = match std::io::stdout().is_terminal() {
                true => "pretty:",
                false => "stdout:",
            };
            addresses.push(usual.parse()?);
        }
        let folder = durable.as_ref().map(|durable| durable.path().to_owned());
        let mut sinks = self.sinks;
        let mut seats: Vec<Seat> = sinks.iter().map(|sink| Seat::of(None, None, sink)).collect();
        for address in addresses {
            let sink = match &folder {
                Some(folder) => address.open_in(folder)?,
                None => address.open()?,
            };
            seats.push(Seat::of(Some(address), folder.clone(), &sink));
            sinks.push(sink);
        }

        let levels = Arc::new(Levels::new(self.schema.foreign_level));
        let directives = environment.levels.as_ref().unwrap_or(&self.levels);
        for wrong in levels.set(directives) {
            Report::default().say(&format!("{LEVELS}: {wrong}"));
        }
        let plan = Plan {
            service,
            on_full,
            levels: Arc::clone(&levels),
            durable,
            sync: sync.filter(|every| !every.is_zero()),
            #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
            at_sigbus: self.at_sigbus,
            seats,
        };
        let pipeline = Pipeline::start(plan, sinks)?;
        let layer = Layer::new(self.schema, pipeline.journal(), levels, pipeline.overhead());
        pipeline.keep_ledger(&layer)?;
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        if self.at_sigterm {
            sigterm::watch(&pipeline, self.deadline)?;
        }
        Ok((layer, pipeline))
    }
}

/// The schema's service, else the executable's name.
fn service_of(schema: &Schema) -> String {
    if !schema.service.is_empty() {
        return schema.service.to_owned();
    }
    let executable = env::current_exe().ok();
    let stem = executable.as_deref().and_then(|path| path.file_stem());
    stem.map_or_else(
        || "unknown".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}
