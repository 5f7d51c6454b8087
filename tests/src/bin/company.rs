//! A service in company: with forked children, many threads, signals, and code that logs where one does not expect it.
//! `tests/company.rs` reads on its standard output what it has logged: a line is written after the call has returned.
//!
//! `company FOLDER SINK WHAT`: the sink is an address, `memory:ADDRESS` for a journal in memory, `kept:`, which code gives
//! and nobody can open again, `down:`, which is away, `slow:FILE`, which takes its time, or `beside:ADDRESS`, which has its
//! folder where it usually is.

use nix::{
    sys::{
        mman::{MapFlags, ProtFlags, mmap},
        signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, raise, sigaction},
        wait::{WaitStatus, waitpid},
    },
    unistd::{ForkResult, Pid, fork},
};
use std::{
    cell::RefCell,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tracel::{
    Guard, OnFull, log_info,
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

fn forked() -> ForkResult {
    #[allow(unsafe_code, reason = "how a child goes on after a fork is what is tested")]
    // SAFETY: the child uses memory, threads and locks as a program that forks after its start does: the C library keeps its
    // own in order, ours are what is tested, and standard output's lock is not touched.
    unsafe { fork() }.expect("a fork")
}

/// How many children there are.
const CHILDREN: u32 = 24;

/// A request that is kept.
#[tracel::instrument]
fn request() -> tracel::Context {
    tracel::Context::current()
}

/// Children that are forked while other threads log, and share a span of this one, so that locks are held; each logs from its first thread and from new
/// ones, forks in turn, and ends in another way.
fn forks(guard: Guard) {
    let is_over = AtomicBool::new(false);
    let mut guard = Some(guard);
    let mut children: Vec<Pid> = Vec::new();
    let request = request();
    tracel::thread::scope(|scope| {
        let (is_over, request) = (&is_over, &request);
        scope.spawn(move || {
            while !is_over.load(Relaxed) {
                drop(request.clone());
            }
        });
        for thread in 0..3 {
            scope.spawn(move || {
                let mut n = 0;
                while !is_over.load(Relaxed) {
                    log(thread, n);
                    let _ = tracel::stats();
                    n += 1;
                }
            });
        }
        for child in 0..CHILDREN {
            log(100, child.into());
            match forked() {
                ForkResult::Parent { child } => children.push(child),
                ForkResult::Child => be_a_child(1000 * (child + 1), guard.take(), true),
            }
        }
        for pid in children.drain(..) {
            assert_eq!(waitpid(pid, None), Ok(WaitStatus::Exited(pid, 0)));
        }
        is_over.store(true, Relaxed);
    });
    drop(guard);
}

/// A child's life. Its number tells how it ends: with its guard, at once, or killed.
fn be_a_child(name: u32, guard: Option<Guard>, forks: bool) -> ! {
    (0..100).for_each(|n| log(name, n));
    tracel::thread::scope(|scope| {
        for thread in 1..=2 {
            scope.spawn(move || (0..100).for_each(|n| log(name + thread, n)));
        }
    });
    if forks && name.is_multiple_of(3000) {
        match forked() {
            ForkResult::Parent { child } => {
                assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
            }
            ForkResult::Child => be_a_child(name + 500, guard, false),
        }
    }
    // In memory what is pending needs the guard, as in every process.
    match name % 2000 {
        1000 if std::env::args()
            .nth(2)
            .is_some_and(|sink| sink.starts_with("file:")) =>
        {
            process::exit(0)
        }
        _ => {
            drop(guard);
            process::exit(0)
        }
    }
}

/// Children that log nothing: they end at once, with and without their guard, and the parent's journal is as it was.
fn quiet_forks(guard: Guard) {
    let mut guard = Some(guard);
    (0..100).for_each(|n| log(0, n));
    for child in 0..2 {
        match forked() {
            ForkResult::Parent { child } => {
                assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
            }
            ForkResult::Child => {
                if child == 0 {
                    drop(guard.take());
                }
                let stats = tracel::stats();
                process::exit(i32::from(stats != tracel::Stats::default()));
            }
        }
    }
    (100..200).for_each(|n| log(0, n));
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

/// SIGTERM ends a forked child at once, and this process once all is written.
fn terminated() {
    // Also when it comes in the child's first moments.
    for pause in 0..50 {
        match forked() {
            ForkResult::Parent { child } => {
                std::thread::sleep(Duration::from_micros(20 * pause));
                kill(child, Signal::SIGTERM).expect("a child");
                let ended = waitpid(child, None).expect("a child");
                assert_eq!(ended, WaitStatus::Signaled(child, Signal::SIGTERM, false));
            }
            ForkResult::Child => {
                std::thread::sleep(Duration::from_secs(60));
                process::exit(1);
            }
        }
    }
    (0..1000).for_each(|n| log(0, n));
    raise(Signal::SIGTERM).expect("a signal");
    std::thread::sleep(Duration::from_secs(60));
}

/// Somebody clears up while the service runs.
fn removed(folder: &str) {
    (0..100).for_each(|n| log(0, n));
    fs::remove_dir_all(Path::new(folder).join("Payment")).expect("the folder");
    // Its ledger looks twice a second.
    std::thread::sleep(Duration::from_millis(1500));
    (100..200).for_each(|n| log(0, n));
}

/// Somebody cuts the journal's file while two threads log. What is said to be of the threads 10 and 11 was logged once each
/// of the threads had logged a record that may have met the hole.
fn cut(folder: &str) {
    let service = Path::new(folder).join("Payment");
    let is_cut = AtomicBool::new(false);
    let is_over = AtomicBool::new(false);
    tracel::thread::scope(|scope| {
        for thread in 0..2 {
            let (is_cut, is_over) = (&is_cut, &is_over);
            scope.spawn(move || {
                let (mut n, mut thread) = (0, thread);
                while !is_over.load(Relaxed) {
                    if thread < 10 && is_cut.load(Relaxed) {
                        log_info!(SysLog("one that may be lost"));
                        thread += 10;
                        n = 0;
                    }
                    log(thread, n);
                    n += 1;
                    std::thread::sleep(Duration::from_micros(100));
                }
            });
        }
        std::thread::sleep(Duration::from_millis(700));
        for life in fs::read_dir(service).expect("the folder").flatten() {
            let journal = OpenOptions::new().write(true).open(life.path().join("journal"));
            journal.and_then(|file| file.set_len(0)).expect("the journal");
        }
        is_cut.store(true, Relaxed);
        std::thread::sleep(Duration::from_millis(1500));
        is_over.store(true, Relaxed);
    });
}

/// A fault in memory that is none of ours: of a file that has nothing.
fn fault() {
    log(0, 0);
    let file = tempfile::tempfile().expect("a file");
    file.set_len(4096).expect("room");
    let size = std::num::NonZeroUsize::new(4096).expect("not zero");
    let (protection, flags) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
    #[allow(unsafe_code, reason = "who else handles this signal is what is tested")]
    // SAFETY: a new mapping, one page of it; that it cannot be read is told by the signal that is awaited.
    let byte = unsafe {
        let page = mmap(None, size, protection, flags, &file, 0).expect("a mapping");
        file.set_len(0).expect("a shorter file");
        page.cast::<u8>().as_ptr().read_volatile()
    };
    panic!("it could be read: {byte}");
}

/// Ends the process by a code of its own.
fn handle_sigbus() {
    extern "C" fn handler(_: i32) {
        let _ = nix::unistd::write(io::stdout(), b"9 9\n");
        #[allow(unsafe_code, reason = "a handler may call no more")]
        // SAFETY: it ends the process, and runs nothing before.
        unsafe {
            nix::libc::_exit(42)
        }
    }
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::empty(), SigSet::empty());
    #[allow(unsafe_code, reason = "who else handles this signal is what is tested")]
    // SAFETY: the handler does only what a handler may.
    unsafe { sigaction(Signal::SIGBUS, &action) }.expect("a handler");
}

/// More than the disk holds, for a sink that is away.
fn full() {
    const RECORDS: u64 = 100_000;
    let reason =
        "so that the disk is full soon, which has room for some megabytes and no more than that. ".repeat(4);
    for n in 0..RECORDS {
        log_info!(SysLog("one of many", amount = n, reason = &reason));
        if n % 1000 == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let stats = tracel::stats();
    assert!(stats.spooled > 0 && stats.dropped > 0, "{stats}");
    assert!(stats.written + stats.dropped >= RECORDS, "{stats}");
}
