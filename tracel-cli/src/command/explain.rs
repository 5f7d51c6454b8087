//! `tracel explain`.

use super::written;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};
use tracel_schema::codes::{self, Code};

pub(crate) fn run(code: Option<&str>) -> Result<ExitCode, String> {
    let text = match code {
        None => codes::all()
            .map(|code| format!("{}  {}\n", code.id, code.title))
            .collect(),
        Some(id) => {
            // As a message has it: `[TL0102]`.
            let id = id.trim_matches(['[', ']']);
            let unknown = || format!("there is no code `{id}`; `tracel explain` lists them all");
            page(codes::find(id).ok_or_else(unknown)?)
        }
    };
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// One code's rule and its two examples.
fn page(code: &Code) -> String {
    let mut page = format!("{}: {}\n\n{}\n", code.id, code.title, code.rule);
    for (title, example) in [("Wrong", code.wrong), ("Mended", code.mended)] {
        // Writing into a string cannot fail.
        let _ = writeln!(page, "\n{title}:\n");
        for line in example.trim_matches('\n').lines() {
            let _ = writeln!(page, "{}", format_args!("    {line}").to_string().trim_end());
        }
    }
    page
}
