//! `tracel check`: of a schema, and of a workspace against its baseline.

use super::{tell, written};
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};
use tracel_cli::baseline;

pub(crate) fn run(path: &Path) -> Result<ExitCode, String> {
    match tracel_cli::schema::compile(path)? {
        Ok(compiled) => {
            let schema = compiled.schema;
            let (fields, events) = (schema.fields.len(), schema.events.len());
            let below: Vec<String> = schema
                .files
                .iter()
                .skip(1)
                .map(|file| file.display().to_string())
                .collect();
            let over = if below.is_empty() { "" } else { ", over " };
            let line = format!(
                "{}: {}@{}, no error (fields: {fields}, events: {events}){over}{}",
                path.display(),
                schema.name,
                schema.version,
                below.join(", ")
            );
            written(writeln!(io::stdout(), "{line}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(diagnostics) => {
            diagnostics
                .iter()
                .for_each(|diagnostic| tell(&diagnostic.to_string()));
            let count = diagnostics.len();
            tell(&format!(
                "{}: {count} {}",
                path.display(),
                if count == 1 { "error" } else { "errors" }
            ));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Holds a workspace to its tracel-baseline.toml.
pub(crate) fn baseline(folder: &Path) -> Result<ExitCode, String> {
    let report = baseline::check(folder)?;
    let file = report.path.display();
    for change in &report.grown {
        tell(&format!("error: {change}"));
        for call in &change.places {
            let at = format!("{}:{}:{}", call.file, call.line, call.column);
            tell(&format!("  --> {at}: {}", call.reason));
        }
    }
    for change in &report.lowered {
        tell(&format!("{change}: `tracel init --baseline` records the gain"));
    }
    let count = report.standing;
    if report.grown.is_empty() {
        let line = format!("{file}: no count has grown (banned calls: {count})");
        written(writeln!(io::stdout(), "{line}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let grown = report.grown.len();
    let counts = if grown == 1 { "count has" } else { "counts have" };
    tell(&format!(
        "{file}: {grown} {counts} grown; write what is said above in place of the new call, one of the lines that are named"
    ));
    Ok(ExitCode::FAILURE)
}
