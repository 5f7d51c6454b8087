//! Forked children: they log, or say nothing, and end in every way.

use super::log;
use nix::{
    sys::{
        signal::{Signal, kill, raise},
        wait::{WaitStatus, waitpid},
    },
    unistd::{ForkResult, Pid, fork},
};
use std::{
    process,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};
use tracel::Guard;

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
pub(super) fn forks(guard: Guard) {
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
pub(super) fn quiet_forks(guard: Guard) {
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

/// SIGTERM ends a forked child at once, and this process once all is written.
pub(super) fn terminated() {
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
