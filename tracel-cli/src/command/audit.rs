//! `tracel audit`.

use super::{tell, written};
use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
    time::Duration,
};
use tracel_cli::{
    audit::{self, Options, print},
    replay::source::Source,
};

pub(crate) fn run(from: &[String], options: &Options, is_json: bool) -> Result<ExitCode, String> {
    let source = Source::of_all(from)?;
    let audit = audit::audit(&source, options)?;
    // In JSON its numbers say so.
    if !is_json && audit.instances.is_empty() && audit.uncounted.is_empty() {
        tell(&format!(
            "tracel: {} holds no record: nothing was audited",
            from.join(", ")
        ));
    }
    for folder in source.journals()? {
        tell(&format!(
            "tracel: {}: what dead processes left there is not counted before `tracel recover` delivers it",
            folder.display()
        ));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let result = if is_json {
        print::json(&mut out, &audit)
    } else {
        print::text(&mut out, &audit)
    };
    written(result.and_then(|()| out.flush()))?;
    Ok(if audit.lost() + audit.told() > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// A time as arguments have it: `90s`, `5m`, `6h`, `7d`, `500ms`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("a number and its unit, as in 500ms, 90s, 5m, 6h or 7d".into()),
    };
    let number: u64 = number.parse().map_err(|_| "a number stands before the unit")?;
    Ok(Duration::from_millis(number.saturating_mul(millis)))
}
