//! One module a command: what it prints, and its exit code.

pub(crate) mod audit;
#[cfg(feature = "kafka")]
pub(crate) mod backfill;
pub(crate) mod check;
#[cfg(feature = "dev")]
pub(crate) mod dev;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod migrate;
pub(crate) mod quarantine;
#[cfg(target_os = "linux")]
pub(crate) mod recover;
pub(crate) mod replay;

use std::io::{self, Write};

/// One line on stderr. When that is gone, nobody is left to be told.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// What writing to stdout gave: a reader that has gone away (`| head`) is no error.
pub(crate) fn written(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to stdout: {error}"))
        }
        _ => Ok(()),
    }
}
