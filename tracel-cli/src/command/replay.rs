//! `tracel replay`.

use super::{tell, written};
use std::{
    env,
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
};
use tracel_cli::replay::{Request, print, source::Source};
use uuid::Uuid;

pub(crate) fn run(event_id: Uuid, from: &[String], is_json: bool) -> Result<ExitCode, String> {
    // What stands in several of them is shown once.
    let mut records = Vec::new();
    for from in from {
        let mut skipped = |line: &str| tell(&format!("tracel: skipped {line}"));
        records.extend(Source::new(from)?.records(event_id, &mut skipped)?);
    }
    if records.is_empty() {
        tell(&format!(
            "tracel: {} holds no record of the request {event_id}",
            from.join(", ")
        ));
        return Ok(ExitCode::FAILURE);
    }
    let request = Request::new(records);
    let stdout = io::stdout();
    let is_coloured = stdout.is_terminal()
        && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb");
    let mut out = BufWriter::new(stdout.lock());
    let result = if is_json {
        print::json(&mut out, &request)
    } else {
        print::tree(&mut out, event_id, &request, is_coloured)
    };
    written(result.and_then(|()| out.flush()))?;
    Ok(ExitCode::SUCCESS)
}
