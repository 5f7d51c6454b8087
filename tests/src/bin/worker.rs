//! A service that is killed, or ends in one of the many ways in which a process can. `tests/crash.rs` reads on its standard output what
//! it has logged: a line is written after the call has returned, so each must arrive.
//!
//! `worker FOLDER SINK WHAT`: the sink is an address, or `down:`, which never takes anything.

use std::{
    fs,
    io::Write,
    path::Path,
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};
use tracel::{Guard, Init, OnFull, log_info};
use tracel_tests::Down;

mod logs {
    tracel::include_schema!();
}

/// How many threads log.
const THREADS: u32 = 4;

fn main() -> Result<(), tracel::Error> {
    let mut arguments = std::env::args().skip(1);
    let [folder, sink, what] = std::array::from_fn(|_| arguments.next().unwrap_or_default());
    let init = tracel::init(logs::SCHEMA)
        .folder(&folder)
        .flush_deadline(Duration::from_secs(20))
        .on_full(OnFull::Block(Duration::from_secs(20)));
    let init = match sink.as_str() {
        "down:" => init.sink_with(Down).flush_deadline(Duration::from_millis(200)),
        address => init.sink(address),
    };
    run(init, Path::new(&folder), &what)
}

fn run(init: Init, folder: &Path, what: &str) -> Result<(), tracel::Error> {
    let guard = init.start()?;
    match what {
        "flood" => flood(),
        "recover" => recovered(folder),
        how => {
            tracel::thread::scope(|scope| {
                for thread in 0..THREADS {
                    scope.spawn(move || (0..500).for_each(|n| log(thread, n)));
                }
            });
            die(how, guard);
        }
    }
    Ok(())
}

/// Waits until nothing of the dead is left to be delivered: a process's folder is gone when it is.
fn recovered(folder: &Path) {
    let until = Instant::now() + Duration::from_secs(60);
    let count = || {
        let processes = fs::read_dir(folder.join("Payment"))
            .into_iter()
            .flatten()
            .flatten();
        processes
            .filter(|process| process.path().join("journal").exists())
            .count()
    };
    while count() > 1 && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
}

/// Logs as fast as it can until it is killed.
fn flood() {
    static NEXT: [AtomicU64; THREADS as usize] = [const { AtomicU64::new(0) }; THREADS as usize];
    tracel::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                loop {
                    log(thread, NEXT[thread as usize].fetch_add(1, Relaxed));
                }
            });
        }
    });
}

/// Logs, and says so when the call has returned.
fn log(thread: u32, n: u64) {
    log_info!(SysLog(
        "one of many",
        attempt = thread,
        amount = n,
        reason = "so that chunks and segments fill up and roll over, as they do in a service that has something to say about itself"
    ));
    let line = format!("{thread} {n}\n");
    // One that was not written was not promised.
    let _ = std::io::stdout().write_all(line.as_bytes());
}

fn die(how: &str, guard: Guard) {
    match how {
        "end" => drop(guard),
        "abort" => process::abort(),
        "exit" => process::exit(3),
        "overflow" => {
            #[allow(unconditional_recursion, reason = "it is to overflow the stack")]
            fn deeper(n: u64) -> u64 {
                std::hint::black_box(deeper(std::hint::black_box(n) + 1)) + 1
            }
            std::hint::black_box(deeper(0));
        }
        // What `panic = "abort"` makes of a panic: the hook runs, nothing is unwound, and the process aborts.
        "panic" => {
            extern "C" fn cannot_unwind() {
                panic!("as it may happen");
            }
            cannot_unwind();
        }
        other => panic!("no such end: {other}"),
    }
}
