//! `tracel backfill`.

use super::{tell, written};
use std::{
    io::{self, Write},
    process::ExitCode,
};
use tracel_cli::backfill::{self, From};

pub(crate) fn run(from: &From, to: &str) -> Result<ExitCode, String> {
    let to = to.parse().map_err(|error| format!("--to: {error}"))?;
    let report = backfill::backfill(from, &to)?;
    for (partition, first, last) in &report.gone {
        tell(&format!(
            "tracel: partition {partition} does not hold the offsets {first} to {last} any more"
        ));
    }
    let text = format!(
        "{} records of {} messages sent again\n",
        report.lines, report.messages
    );
    written(io::stdout().write_all(text.as_bytes()))?;
    Ok(if report.gone.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `17..42`, both with them; either may be left out.
pub(crate) fn offsets(text: &str) -> Result<(Option<i64>, Option<i64>), String> {
    let fault = || "two offsets with .. between them, as in 17..42, 17.. or ..42".to_owned();
    let (first, last) = text.split_once("..").ok_or_else(fault)?;
    let number = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| fault()),
    };
    Ok((number(first)?, number(last)?))
}

/// `NAME=VALUE`
pub(crate) fn property(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("NAME=VALUE, as in security.protocol=SSL")?;
    Ok((name.to_owned(), value.to_owned()))
}
