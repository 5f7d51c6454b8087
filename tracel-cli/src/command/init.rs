//! `tracel init`.

use super::written;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};
use tracel_cli::init::{self, Options};

pub(crate) fn run(options: &Options, is_dry: bool) -> Result<ExitCode, String> {
    let edits = init::plan(options)?;
    if !is_dry {
        edits.apply()?;
    }
    let changes: Vec<String> = edits.changes().collect();
    let mut text = match (changes.is_empty(), is_dry) {
        (true, _) => "nothing to do: all that TraceL needs is there\n".to_owned(),
        (_, true) => "this would change, and nothing was written:\n".to_owned(),
        _ => String::new(),
    };
    // Writing into a string cannot fail.
    for change in &changes {
        let _ = writeln!(text, "{change}");
    }
    if !edits.left().is_empty() {
        let _ = writeln!(text, "\nleft to you:");
        for left in edits.left() {
            let _ = writeln!(text, "- {}", left.replace('\n', "\n  "));
        }
    }
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
