//! `tracel migrate`.

use super::{tell, written};
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};
use tracel_cli::{clickhouse::ClickHouse, migrate, schema};

pub(crate) fn run(to: &str, fit: Option<&Path>, roles: bool) -> Result<ExitCode, String> {
    let server = ClickHouse::new(to).map_err(|error| format!("--to {to}: {error}"))?;
    let schema = match fit.map(schema::compile).transpose()? {
        None => None,
        Some(Ok(compiled)) => Some(compiled.schema),
        Some(Err(wrong)) => {
            wrong.iter().for_each(|diagnostic| tell(&diagnostic.to_string()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let report = migrate::migrate(&server).map_err(|failure| failure.to_string())?;
    let mut text: String = report
        .applied
        .iter()
        .map(|name| format!("applied {name}\n"))
        .collect();
    if text.is_empty() {
        text = format!("nothing to do: {} applied before\n", report.before);
    }
    if let Some(schema) = &schema {
        migrate::fit(&server, schema).map_err(|failure| failure.to_string())?;
        text += &format!("the tables fit the schema {}@{}\n", schema.name, schema.version);
    }
    if roles {
        migrate::roles(&server).map_err(|failure| failure.to_string())?;
        text += "the roles are tracel_writer and tracel_reader\n";
    }
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
