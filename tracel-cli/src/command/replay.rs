//! `tracel replay`.

use super::{tell, written};
use std::{
    collections::BTreeSet,
    env,
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
};
use tracel_cli::replay::{Request, print, source::Source};
use uuid::Uuid;

/// Which request.
#[derive(Clone)]
pub(crate) enum Wanted {
    Whole(Uuid),
    /// Its last digits.
    End(String),
}

/// The fewest digits that name a request: as many as `pretty:` prints.
const FEWEST: usize = 8;

pub(crate) fn wanted(text: &str) -> Result<Wanted, String> {
    if let Ok(id) = Uuid::parse_str(text) {
        return Ok(Wanted::Whole(id));
    }
    let digits = text.replace('-', "").to_ascii_lowercase();
    match digits.len() >= FEWEST && digits.len() < 32 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        true => Ok(Wanted::End(digits)),
        false => Err(format!(
            "an event_id is 32 hexadecimal digits, with hyphens or without; its last {FEWEST} and more will do"
        )),
    }
}

/// The one request whose event_id ends so; `None` when there is none.
fn ending(end: &str, from: &[String]) -> Result<Option<Uuid>, String> {
    let mut found = BTreeSet::new();
    for from in from {
        found.extend(Source::new(from)?.ending(end)?);
    }
    let mut all = found.iter().map(Uuid::to_string);
    match (all.len(), found.first()) {
        (0 | 1, only) => Ok(only.copied()),
        (count, _) => {
            let shown = all.by_ref().take(5).collect::<Vec<_>>().join(", ");
            let rest = if count > 5 { ", .." } else { "" };
            Err(format!(
                "{count} requests end with {end}: {shown}{rest}; give more digits"
            ))
        }
    }
}

pub(crate) fn run(wanted: &Wanted, from: &[String], is_json: bool) -> Result<ExitCode, String> {
    let event_id = match wanted {
        Wanted::Whole(id) => *id,
        Wanted::End(end) => match ending(end, from)? {
            Some(id) => id,
            None => {
                let from = from.join(", ");
                tell(&format!(
                    "tracel: {from} holds no request whose event_id ends with {end}"
                ));
                return Ok(ExitCode::FAILURE);
            }
        },
    };
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
