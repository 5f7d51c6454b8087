//! A flush when SIGTERM comes, for those who ask for it. Nobody else's handler is touched.

use super::pipeline::Pipeline;
use crate::{Error, journal::fork, report::Report, threads};
use signal_hook::{consts::SIGTERM, flag, iterator::Signals, low_level};
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Flushes this log when SIGTERM comes, and ends the process by it.
///
/// # Errors
/// When the system gives no handler or thread.
pub(super) fn watch(pipeline: &Arc<Pipeline>, deadline: Duration) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new("no flush on SIGTERM is to be had").because(error);
    if !is_default() {
        Report::default().say("SIGTERM is handled or ignored already: it is left alone, and nothing is flushed when it comes; drop the guard where it is handled");
        return Ok(());
    }
    let mut signals = Signals::new([SIGTERM]).map_err(failed)?;
    // A forked child has the handler, and not the thread that hears of it: there SIGTERM ends the process at once.
    let [is_child, came] = [(); 2].map(|()| Arc::<AtomicBool>::default());
    flag::register_conditional_default(SIGTERM, Arc::clone(&is_child)).map_err(failed)?;
    flag::register(SIGTERM, Arc::clone(&came)).map_err(failed)?;
    fork::in_children(Box::new(move || {
        is_child.store(true, Relaxed);
        if came.load(Relaxed) {
            // In the first moments of the child, or its parent is about to end by it.
            let _ = low_level::emulate_default_handler(SIGTERM);
        }
    }));
    let pipeline = Arc::downgrade(pipeline);
    let wait = move || {
        if signals.forever().next().is_some() {
            if let Some(pipeline) = pipeline.upgrade() {
                pipeline.close(Instant::now() + deadline);
            }
            // It does not come back from this.
            let _ = low_level::emulate_default_handler(SIGTERM);
        }
    };
    threads::start("tracel sigterm", Box::new(wait)).map_err(failed)
}

/// Whether nobody handles or ignores SIGTERM: the masks of proc(5), a bit for each signal from 1 on.
fn is_default() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let masks = ["SigIgn:", "SigCgt:"].map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(line.trim(), 16).ok()
    });
    // What is not known is left alone.
    masks
        .iter()
        .all(|mask| mask.is_some_and(|mask| mask & 1 << (SIGTERM - 1) == 0))
}
