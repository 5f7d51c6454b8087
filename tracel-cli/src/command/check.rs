//! `tracel check`.

use super::{tell, written};
use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};
use tracel_schema::model::Owner;

pub(crate) fn run(path: &Path) -> Result<ExitCode, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match tracel_schema::compile(&text, path, Owner::default()) {
        Ok(compiled) => {
            let schema = compiled.schema;
            let (fields, events) = (schema.fields.len(), schema.events.len());
            let line = format!(
                "{}: {}@{}, no error (fields: {fields}, events: {events})",
                path.display(),
                schema.name,
                schema.version
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
