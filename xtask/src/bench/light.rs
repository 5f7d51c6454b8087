//! Calls that are too cheap to be timed one by one, in loops: one that is filtered out, a span, a task.

use super::{
    figures::{Spread, number},
    peer::said,
    peers::{Folders, Programs, Section},
};
use std::fmt::Write;

/// What is measured, the program's name for it, what it is beyond, and what it may take.
const CALLS: [(&str, &str, Option<&str>, &str); 3] = [
    (
        "a call that is filtered out, beyond an empty one",
        "filtered",
        Some("nothing"),
        "1",
    ),
    ("a span of four fields, entered and left", "span", None, "180"),
    (
        "`tracel::spawn`, beyond `tokio::spawn` with `in_current_span`",
        "spawn",
        Some("instrumented"),
        "20",
    ),
];

/// What the program said, of each round.
#[derive(Default)]
pub(crate) struct Light(Vec<String>);

impl Section for Light {
    fn round(&mut self, programs: &Programs, _: &Folders) -> Result<(), String> {
        let said = said(programs.tracel(), &["calls"])?;
        for (_, name, over, _) in CALLS {
            for name in [Some(name), over].into_iter().flatten() {
                number(&said, name).ok_or_else(|| format!("bench-tracel calls said no {name}: {said}"))?;
            }
        }
        self.0.push(said);
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        page.push_str(
            "\n### Calls that log nothing\n\nIn a loop; a difference may be below nothing.\n\n| | nanoseconds | aim |\n| --- | ---: | ---: |\n",
        );
        for (what, name, over, aim) in CALLS {
            let times = self.0.iter().map(|said| {
                let time = |name| number(said, name).unwrap_or(f64::NAN);
                time(name) - over.map_or(0.0, time)
            });
            // Writing into a string cannot fail.
            let _ = writeln!(page, "| {what} | {:.1} | {aim} |", Spread::of(times));
        }
        Ok(())
    }
}
