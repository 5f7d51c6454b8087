//! `tracel quarantine list`, `show` and `replay`.

use super::{tell, written};
use clap::Subcommand;
use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};
use tracel_cli::{
    clickhouse::ClickHouse,
    quarantine::{self, Which},
};
use uuid::Uuid;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Tell what is held, by reason, and was not replayed.
    List {
        /// The server: `clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]` (or `http://`).
        #[arg(long, value_name = "URL")]
        from: String,
    },
    /// Print one record's bytes as they came on stdout, and what is known of it on stderr.
    Show {
        /// The id that `list` tells.
        id: Uuid,
        /// The server.
        #[arg(long, value_name = "URL")]
        from: String,
    },
    /// Send what is held again, once the schema is mended.
    ///
    /// What is refused once more comes back into quarantine, and is told by `list` again.
    Replay {
        /// Only these records, also when they were replayed before; without any, all that were not.
        ids: Vec<Uuid>,
        /// Only those of this reason.
        #[arg(long)]
        reason: Option<String>,
        /// The server.
        #[arg(long, value_name = "URL")]
        from: String,
        /// Where to: a sink's address, at best Vector's, which holds them to the schema.
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

pub(crate) fn run(action: Action) -> Result<ExitCode, String> {
    let server = |from: &str| ClickHouse::new(from).map_err(|error| format!("--from {from}: {error}"));
    let mut out = BufWriter::new(io::stdout().lock());
    match action {
        Action::List { from } => {
            let reasons = quarantine::reasons(&server(&from)?)?;
            if reasons.is_empty() {
                tell("tracel: the quarantine holds nothing that was not replayed");
            }
            for held in reasons {
                let (id, detail) = held.example;
                let line = format!(
                    "{} {}  {} to {}  {}  e.g. {id}: {detail}",
                    held.count,
                    held.reason,
                    held.came.0,
                    held.came.1,
                    held.services.join(", ")
                );
                // What stands there came from outside: no control character reaches a terminal.
                let line: String = line
                    .chars()
                    .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                    .collect();
                written(writeln!(out, "{line}"))?;
            }
        }
        Action::Show { id, from } => {
            let Some(held) = quarantine::show(&server(&from)?, id)? else {
                tell(&format!("tracel: the quarantine of {from} holds no {id}"));
                return Ok(ExitCode::FAILURE);
            };
            tell(&held.row.to_string());
            written(out.write_all(&held.original).and_then(|()| out.write_all(b"\n")))?;
        }
        Action::Replay {
            ids,
            reason,
            from,
            to,
        } => {
            let to = super::sink(&to).map_err(|error| format!("--to: {error}"))?;
            let sent = quarantine::replay(&server(&from)?, &to, &Which { ids, reason })?;
            written(writeln!(out, "{sent} sent again"))?;
        }
    }
    written(out.flush())?;
    Ok(ExitCode::SUCCESS)
}
