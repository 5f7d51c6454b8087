//! `tracel migrate`.

use super::written;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use tracel_cli::{clickhouse::ClickHouse, migrate};

pub(crate) fn run(to: &str) -> Result<ExitCode, String> {
    let server = ClickHouse::new(to).map_err(|error| format!("--to {to}: {error}"))?;
    let report = migrate::migrate(&server).map_err(|failure| failure.to_string())?;
    let mut text: String = report
        .applied
        .iter()
        .map(|name| format!("applied {name}\n"))
        .collect();
    if text.is_empty() {
        text = format!("nothing to do: {} applied before\n", report.before);
    }
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
