//! `tracel init`.

use super::written;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};
use tracel_cli::{
    baseline,
    init::{self, Options, edits::Edits},
};

pub(crate) fn run(options: &Options, is_dry: bool, with_baseline: bool) -> Result<ExitCode, String> {
    let edits = init::plan(options)?;
    if !is_dry {
        edits.apply()?;
    }
    let is_done = edits.changes().next().is_none();
    let mut text = match (is_done, is_dry) {
        (true, _) => "nothing to do: all that TraceL needs is there\n".to_owned(),
        (_, true) => "this would change, and nothing was written:\n".to_owned(),
        _ => String::new(),
    };
    text.push_str(&told(&edits));
    // Clippy counts what the files ban that are written now: it may take long, and it may fail.
    written(io::stdout().write_all(text.as_bytes()))?;
    if !with_baseline {
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = match (is_dry, is_done) {
        (true, false) => "\nthe banned calls are counted once this is written\n".to_owned(),
        _ => {
            let edits = baseline::plan(options)?;
            if !is_dry {
                edits.apply()?;
            }
            match edits.changes().next() {
                None => format!("\n{}: all counts are as recorded\n", baseline::FILE),
                Some(_) => format!("\n{}", told(&edits)),
            }
        }
    };
    if is_done {
        text = text.trim_start().to_owned();
    }
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// What was changed, and what is left.
fn told(edits: &Edits) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    for change in edits.changes() {
        let _ = writeln!(text, "{change}");
    }
    if !edits.left().is_empty() {
        let _ = writeln!(text, "\nleft to you:");
        for left in edits.left() {
            let _ = writeln!(text, "- {}", left.replace('\n', "\n  "));
        }
    }
    text
}
