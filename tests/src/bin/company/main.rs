//! A service in company: with forked children, many threads, signals, and code that logs where one does not expect it.
//! `tests/company.rs` reads on its standard output what it has logged: a line is written after the call has returned.
//!
//! `company FOLDER SINK WHAT`: the sink is an address, `memory:ADDRESS` for a journal in memory, `kept:`, which code gives
//! and nobody can open again, `down:`, which is away, `slow:FILE`, which takes its time, or `beside:ADDRESS`, which has its
//! folder where it usually is.

mod faults;
mod forks;

use faults::{cut, fault, full, handle_sigbus, removed};
use forks::{forks, quiet_forks, terminated};
use nix::sys::signal::{Signal, raise};
use std::{
    cell::RefCell,
    fs::OpenOptions,
    io::{self, Write},
    path::PathBuf,
    process,
    sync::Barrier,
    time::Duration,
};
use tracel::{
    OnFull, log_info,
    sink::{Batch, SendError, Sent, Sink},
};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

mod logs {
    tracel::include_schema!();
}

fn main() -> Result<(), tracel::Error> {
    let mut arguments = std::env::args().skip(1);
    let [folder, sink, what] = std::array::from_fn(|_| arguments.next().unwrap_or_default());
    if what == "again" {
        return again(&folder, &sink);
    }
    let handlers = match what.as_str() {
        "handled" => Some(signal_hook::iterator::Signals::new([Signal::SIGTERM as i32]).expect("a handler")),
        _ => None,
    };
    if what == "fault handled" {
        handle_sigbus();
    }
    let init = tracel::init(logs::SCHEMA)
        .flush_deadline(Duration::from_secs(20))
        .on_full(OnFull::Block(Duration::from_secs(20)));
    let init = match what.as_str() {
        "terminated" | "handled" => init.flush_on_sigterm(),
        "cut" | "fault" | "fault handled" | "bus" => init.survive_sigbus(),
        "full" => init
            .on_full(OnFull::DropNewest)
            .flush_deadline(Duration::from_secs(1)),
        _ => init,
    };
    let init = match sink.split_once(':') {
        Some(("kept", _)) => init.sink_with(tracel_tests::Kept::default()),
        Some(("held", _)) => init.folder(&folder).sink_with(tracel_tests::Kept::default()),
        Some(("down", _)) => init.folder(&folder).sink_with(tracel_tests::Down),
        Some(("slow", file)) => init.sink_with(Slow(file.into())),
        Some(("beside", address)) => init.sink(address),
        Some(("memory", address)) => init.volatile().sink(address),
        _ => init.folder(&folder).sink(&sink),
    };
    let guard = init.start()?;
    match what.as_str() {
        "forks" => forks(guard),
        "quiet forks" => quiet_forks(guard),
        "short threads" => short_threads(),
        "many threads" => many_threads(),
        "last words" => last_words(),
        "signal" => signals(),
        "within" => within(),
        "terminated" => terminated(),
        "handled" => drop(handlers),
        "plain" => (0..100).for_each(|n| log(0, n)),
        "killed" => {
            (0..1000).for_each(|n| log(0, n));
            process::abort();
        }
        "removed" => removed(&folder),
        "cut" | "cut unasked" => cut(&folder),
        "fault" | "fault handled" => fault(),
        // The language's runtime, which handles it before us, lets the first that is sent pass.
        "bus" => (0..2).for_each(|_| raise(Signal::SIGBUS).expect("a signal")),
        "full" => full(),
        other => panic!("nothing is known of {other}"),
    }
    Ok(())
}

/// Logs in a span of its own, and says so when the call has returned.
#[tracel::instrument]
fn log(thread: u32, n: u64) {
    log_info!(SysLog("one of many", attempt = thread, amount = n));
    promise(thread, n);
}

fn promise(thread: u32, n: u64) {
    // One system call, so that processes that share the pipe do not mix their lines; and no lock, which a forked child may
    // find taken.
    let line = format!("{thread} {n}\n");
    let _ = nix::unistd::write(io::stdout(), line.as_bytes());
}

fn short_threads() {
    for thread in 0..500 {
        tracel::thread::spawn(move || (0..20).for_each(|n| log(thread, n)))
            .join()
            .expect("no panic");
    }
}

/// More threads at once than there are lanes.
fn many_threads() {
    const THREADS: u32 = 1000;
    let barrier = Barrier::new(THREADS as usize);
    tracel::thread::scope(|scope| {
        for thread in 0..THREADS {
            let barrier = &barrier;
            let logs = move || {
                log(thread, 0);
                barrier.wait();
                (1..20).for_each(|n| log(thread, n));
                barrier.wait();
            };
            tracel::thread::Builder::new()
                .stack_size(128 << 10)
                .spawn_scoped(scope, logs)
                .expect("a thread");
        }
    });
}

/// A thread's last words: logged when its thread-locals end, before and after ours.
fn last_words() {
    struct LastWords(u32);
    impl Drop for LastWords {
        fn drop(&mut self) {
            (100..120).for_each(|n| log(self.0, n));
        }
    }
    thread_local! {
        static BEFORE: RefCell<Option<LastWords>> = const { RefCell::new(None) };
        static AFTER: RefCell<Option<LastWords>> = const { RefCell::new(None) };
    }
    for thread in 0..50 {
        tracel::thread::spawn(move || {
            // Thread-locals end in the order in which they began: this one while ours are there, the other one after.
            BEFORE.with(|words| words.replace(Some(LastWords(1000 + thread))));
            log(thread, 0);
            AFTER.with(|words| words.replace(Some(LastWords(2000 + thread))));
        })
        .join()
        .expect("no panic");
    }
}

/// What a thread that hears of signals logs.
fn signals() {
    let mut signals =
        signal_hook::iterator::Signals::new([Signal::SIGUSR1 as i32]).expect("a handler for the signal");
    let listener = tracel::thread::spawn(move || {
        for (n, _) in (0..100).zip(signals.forever()) {
            log(0, n);
        }
    });
    while !listener.is_finished() {
        raise(Signal::SIGUSR1).expect("a signal");
        std::thread::sleep(Duration::from_micros(200));
    }
    listener.join().expect("no panic");
}

/// A sink that takes its time before it writes to a file.
struct Slow(PathBuf);

impl Sink for Slow {
    fn name(&self) -> String {
        "slow:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        std::thread::sleep(Duration::from_millis(500));
        let file = OpenOptions::new().append(true).create(true).open(&self.0);
        file.and_then(|mut file| file.write_all(batch.bytes))
            .map_err(SendError::retry)?;
        Ok(Sent::Acknowledged)
    }
}

/// A value that logs while it is encoded for a record.
struct Chatty(u64);

impl std::fmt::Display for Chatty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        log(1, self.0);
        f.write_str("said all")
    }
}

fn within() {
    for n in 0..200 {
        log_info!(SysLog(
            "one of many",
            attempt = 0u32,
            amount = n,
            reason = tracel::display(Chatty(n))
        ));
        promise(0, n);
    }
}

/// A log that ends and begins again in one process, three times.
fn again(folder: &str, sink: &str) -> Result<(), tracel::Error> {
    for life in 0..3 {
        let init = tracel::init(logs::SCHEMA).flush_deadline(Duration::from_secs(20));
        let init = match sink.split_once(':') {
            Some(("memory", address)) => init.volatile().sink(address),
            _ => init.folder(folder).sink(sink),
        };
        let (layer, guard) = init.build()?;
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
        dispatcher::with_default(&dispatch, || (0..100).for_each(|n| log(life, n)));
        drop(guard);
    }
    Ok(())
}
