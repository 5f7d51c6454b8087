//! What the demo says: items, progress, the replay, the account.

use crate::{
    Fault,
    audit::Audit,
    load::Outcome,
    services::{Counts, Role},
    store::Store,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    cell::Cell,
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
};
use tracel_cli::replay::{Request, print, source::Source};

/// A line on stdout. A reader that has gone away does not stop the demo: it must clean up.
fn line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

pub(crate) fn title(text: &str) {
    line(&format!("{text}\n"));
}

pub(crate) fn item(name: &str, text: &str) {
    line(&format!("  {name:<9} {}", text.replace('\n', "\n            ")));
}

/// A line on stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "demo: {text}");
}

/// Progress on stderr: a bar on a terminal, else a line each quarter.
pub(crate) struct Progress {
    name: &'static str,
    length: u64,
    bar: Option<ProgressBar>,
    told: Cell<u64>,
}

impl Progress {
    pub(crate) fn new(name: &'static str, length: u64) -> Progress {
        let style = ProgressStyle::with_template("  {msg:<9} {wide_bar} {pos}/{len} {elapsed}").ok();
        let style = style.filter(|_| io::stderr().is_terminal());
        let bar = style.map(|style| ProgressBar::new(length).with_style(style).with_message(name));
        Progress {
            name,
            length,
            bar,
            told: Cell::new(0),
        }
    }

    pub(crate) fn set(&self, position: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            return;
        }
        let quarter = position * 4 / self.length.max(1);
        if quarter > self.told.replace(quarter) {
            note(&format!("{}: {position} of {}", self.name, self.length));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How the gateway answered.
pub(crate) fn answers(outcomes: &[Outcome]) -> String {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for outcome in outcomes {
        let answer = outcome
            .status
            .map_or("no answer".to_string(), |status| status.to_string());
        *counts.entry(answer).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(answer, count)| format!("{count} × {answer}"))
        .collect();
    format!("{} payments: {}", outcomes.len(), counts.join(", "))
}

/// The SQL of one request, and its tree.
pub(crate) fn replay(store: &Store, outcome: &Outcome) -> Result<(), Fault> {
    let event_id = outcome.event_id;
    line(match outcome.is_created() {
        true => "\n  One request went wrong in the background, after the customer had the answer:\n",
        false => "\n  One request that failed:\n",
    });
    line(&format!("    SELECT * FROM logs WHERE event_id = '{event_id}'\n"));
    let records =
        Source::new(&store.from())?.records(event_id, &mut |damaged| note(&format!("skipped {damaged}")))?;
    if records.is_empty() {
        // The account, which follows, says how many others are lost with them.
        note(&format!("the store holds no record of the request {event_id}"));
        return Ok(());
    }
    let mut tree = Vec::new();
    print::tree(
        &mut tree,
        event_id,
        &Request::new(records),
        io::stdout().is_terminal(),
    )?;
    for text in String::from_utf8_lossy(&tree).lines() {
        line(&format!("    {text}"));
    }
    line("");
    Ok(())
}

/// What was logged, where nothing can be read back.
pub(crate) fn sent(counts: &[(Role, Counts)]) {
    let logged = counts
        .iter()
        .map(|(role, counts)| (role.service(), counts.written + counts.dropped));
    self::logged(&logged.collect::<Vec<_>>());
    let undelivered: u64 = counts.iter().map(|(_, counts)| counts.undelivered).sum();
    item(
        "sent",
        &format!(
            "{undelivered} not taken at the end; what became of the others, `tracel audit` tells over the store behind"
        ),
    );
}

fn logged(by_service: &[(&str, u64)]) {
    let total: u64 = by_service.iter().map(|(_, count)| count).sum();
    let by_service: Vec<String> = by_service
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    item("logged", &format!("{total} records ({})", by_service.join(", ")));
}

/// What was logged, stored and lost.
pub(crate) fn account(audit: &Audit) {
    logged(&audit.logged);
    let doubled = if audit.doubled == 0 {
        String::new()
    } else {
        format!(", {} of them twice", audit.doubled)
    };
    item("stored", &format!("{}{doubled}", audit.stored));
    item("lost", &format!("{} ({} gaps in seq)", audit.lost(), audit.gaps));
}
