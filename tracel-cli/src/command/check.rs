//! `tracel check`.

use super::{tell, written};
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

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
