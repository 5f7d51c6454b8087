//! The library's own threads, which are of no request. Those of its users, which carry one, are in `carry`.

use std::{io, thread::Builder};

/// Starts one that nobody waits for. Its work is boxed, so that std's way to a thread is compiled once and not for each.
///
/// # Errors
/// When the system gives none.
#[allow(clippy::disallowed_methods, reason = "it is of no request")]
pub(crate) fn start(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    Builder::new().name(name.to_owned()).spawn(work).map(drop)
}
