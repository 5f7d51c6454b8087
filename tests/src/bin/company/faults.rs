//! What happens to the journal's file while the service runs: it is removed, cut, or has no room; and faults of memory that
//! are none of ours.

use super::log;
use nix::sys::{
    mman::{MapFlags, ProtFlags, mmap},
    signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction},
};
use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};
use tracel::log_info;

/// Somebody clears up while the service runs.
pub(super) fn removed(folder: &str) {
    (0..100).for_each(|n| log(0, n));
    fs::remove_dir_all(Path::new(folder).join("Payment")).expect("the folder");
    // Its ledger looks twice a second.
    std::thread::sleep(Duration::from_millis(1500));
    (100..200).for_each(|n| log(0, n));
}

/// Somebody cuts the journal's file while two threads log. What is said to be of the threads 10 and 11 was logged once each
/// of the threads had logged a record that may have met the hole.
pub(super) fn cut(folder: &str) {
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
pub(super) fn fault() {
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
pub(super) fn handle_sigbus() {
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
pub(super) fn full() {
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
