//! `tracel explain`.

use super::written;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};
use tracel_schema::{
    codes::{self, Code},
    nearest::did_you_mean,
};

pub(crate) fn run(code: Option<&str>) -> Result<ExitCode, String> {
    let text = match code {
        None => codes::all()
            .map(|code| format!("{}  {}\n", code.id, code.title))
            .collect(),
        Some(id) => {
            // As a message has it: `[TL0102]`.
            let id = id.trim_matches(['[', ']']);
            let unknown = || {
                let all = codes::all().map(|code| code.id);
                let way_out = did_you_mean(id, all, "`tracel explain` lists them all");
                format!("there is no code `{id}`; {way_out}")
            };
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
        // A fault of TraceL's own has none.
        if example.is_empty() {
            continue;
        }
        // Writing into a string cannot fail.
        let _ = writeln!(page, "\n{title}:\n");
        for line in example.trim_matches('\n').lines() {
            let _ = writeln!(page, "{}", format_args!("    {line}").to_string().trim_end());
        }
    }
    page
}
