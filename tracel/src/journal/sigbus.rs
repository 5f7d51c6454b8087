//! SIGBUS, for those who ask for it: a journal's file that somebody makes shorter, or a disk that cannot be read, raises it
//! where a thread touches the mapped memory. The handler puts empty memory there and says so to the journal, which ends by
//! that; how the log goes on is the journal's. Every other SIGBUS goes where it went before.

#[cfg(test)]
mod tests;

use super::fork;
use crate::Error;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use std::{
    ffi::{c_int, c_void},
    io, mem, ptr,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{
            AtomicPtr, AtomicU32, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

/// The generation of a journal whose memory was replaced: no process has it.
pub(super) const CUT: u32 = u32::MAX;

/// A journal's memory. Free when it begins at 0.
struct Span {
    start: AtomicUsize,
    len: AtomicUsize,
    /// The process that it is mapped in.
    born: AtomicU32,
    /// Where [`CUT`] is written to.
    generation: AtomicPtr<AtomicU32>,
}

/// All that are guarded. A handler cannot take a lock, so there is a fixed number.
static SPANS: [Span; 64] = [const {
    Span {
        start: AtomicUsize::new(0),
        len: AtomicUsize::new(0),
        born: AtomicU32::new(0),
        generation: AtomicPtr::new(ptr::null_mut()),
    }
}; 64];

/// Held by those who change them.
static CHANGING: Mutex<()> = Mutex::new(());

/// Who handled it before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Guards this memory from now on: `generation` becomes [`CUT`] when a part of it is gone.
///
/// # Errors
/// When there are too many, or the system takes no handler.
///
/// # Safety
/// It is mapped as a whole, and stays so, like `generation`, until [`forget`] is called with its start. Once it is cut it
/// may be all zeros between any two looks at it.
pub(super) unsafe fn guard(start: *const u8, len: usize, generation: &AtomicU32) -> Result<(), Error> {
    let _changing = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    install()?;
    let Some(span) = SPANS.iter().find(|span| span.start.load(Relaxed) == 0) else {
        return Err(Error::new("too many journals of this process survive a SIGBUS")
            .help("end a log before another one is started"));
    };
    span.len
        .store(len.next_multiple_of(rustix::param::page_size()), Relaxed);
    span.born.store(fork::generation(), Relaxed);
    span.generation
        .store(ptr::from_ref(generation).cast_mut(), Relaxed);
    span.start.store(start.addr(), Release);
    Ok(())
}

/// Guards it no more, if it was.
pub(super) fn forget(start: *const u8) {
    let _changing = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    for span in SPANS
        .iter()
        .filter(|span| span.start.load(Relaxed) == start.addr())
    {
        span.start.store(0, Relaxed);
    }
}

/// Puts the handler in, once.
fn install() -> Result<(), Error> {
    let failed = || Error::new("no handler for SIGBUS is to be had").because(io::Error::last_os_error());
    if BEFORE.get().is_some() {
        return Ok(());
    }
    // SAFETY: a struct of C for which zeros are a value; the call fills it in.
    let mut before: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: it only reads the handler that is there.
    if unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut before) } != 0 {
        return Err(failed());
    }
    // It is known before ours can be called.
    let _ = BEFORE.set(before);
    // SAFETY: as above.
    let mut ours: libc::sigaction = unsafe { mem::zeroed() };
    ours.sa_sigaction = on_sigbus as *const () as usize;
    // On the thread's own stack for signals, where it has one: the language's runtime tells stack overflows by it.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: the handler does what a handler may. It is never taken out, so it cannot be called when it is gone. No other
    // signal comes between, whose handler might log.
    let refused = unsafe {
        libc::sigfillset(&raw mut ours.sa_mask);
        libc::sigaction(libc::SIGBUS, &raw const ours, ptr::null_mut())
    };
    if refused != 0 { Err(failed()) } else { Ok(()) }
}

/// Only what is safe in a handler: loads, stores, and plain system calls. `errno` stays where `mmap` succeeds, and else the
/// process ends.
unsafe extern "C" fn on_sigbus(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives both under SA_SIGINFO.
    let (is_fault, address) = unsafe { ((*info).si_code > 0, (*info).si_addr().addr()) };
    let is_ours = |span: &&Span| {
        let start = span.start.load(Acquire);
        start != 0
            && (start..start + span.len.load(Relaxed)).contains(&address)
            // A forked child has other memory there.
            && span.born.load(Relaxed) == fork::generation()
    };
    if is_fault && let Some(span) = SPANS.iter().find(is_ours) {
        let (start, len) = (span.start.load(Relaxed), span.len.load(Relaxed));
        let generation = span.generation.load(Relaxed);
        // SAFETY: the span is mapped and guarded, by the word of who called `guard`: somebody has just touched it, so it
        // has not been given back, and its `generation` is there. Zeros are what its readers and writers can stand.
        let replaced = unsafe {
            (*generation).store(CUT, Release);
            mmap_anonymous(
                ptr::with_exposed_provenance_mut(start),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::FIXED,
            )
        };
        if replaced.is_ok() {
            return;
        }
    }
    // SAFETY: what the kernel gave us, handed on.
    unsafe { hand_on(signal, info, context, is_fault) }
}

/// Does what would have been done without us.
unsafe fn hand_on(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void, is_fault: bool) {
    let handler = BEFORE.get().map_or(libc::SIG_DFL, |before| before.sa_sigaction);
    let has_info = BEFORE
        .get()
        .is_some_and(|before| before.sa_flags & libc::SA_SIGINFO != 0);
    if handler == libc::SIG_IGN && !is_fault {
        return;
    }
    // SAFETY: an address from the kernel is a handler of the form that its flags say; the rest is C's, with what it wants.
    unsafe {
        if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
            // A fault comes again when this returns, and a signal that was sent is sent once more: each ends the process.
            let mut default: libc::sigaction = mem::zeroed();
            default.sa_sigaction = libc::SIG_DFL;
            libc::sigaction(signal, &raw const default, ptr::null_mut());
            if !is_fault {
                libc::raise(signal);
            }
        } else if has_info {
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = mem::transmute(handler);
            handler(signal, info, context);
        } else {
            let handler: extern "C" fn(c_int) = mem::transmute(handler);
            handler(signal);
        }
    }
}
