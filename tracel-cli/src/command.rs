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
use tracel::sink::Address;

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

/// A sink's address. What this build lacks is a feature of the command, which no Cargo.toml of the reader's names.
pub(crate) fn sink(text: &str) -> Result<Address, String> {
    if !cfg!(feature = "kafka") && text.starts_with("kafka:") {
        return Err(lacks("the sink `kafka:`", "kafka"));
    }
    text.parse().map_err(|error: tracel::Error| error.to_string())
}

/// What is behind a feature that this build was made without.
pub(crate) fn lacks(what: &str, feature: &str) -> String {
    format!(
        "this build of the command lacks {what}; build it with the feature: `cargo install --locked --path tracel-cli --features \
         {feature}` in a checkout of TraceL"
    )
}
