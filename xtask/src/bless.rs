//! `cargo xtask bless`: writes the goldens anew. Which files those are, the tests know that hold the code to them.

use crate::command::{Cargo, say};

/// A test names one golden a run at least, so this many runs write all that a change can reasonably touch.
const RUNS: usize = 5;

/// Whether the code fits its goldens at the end.
pub(crate) fn run() -> Result<bool, String> {
    const SCHEMA: [&str; 6] = ["test", "--quiet", "-p", "tracel-schema", "--test", "it"];
    const UI: [&str; 6] = ["test", "--quiet", "-p", "ui-tests", "-p", "ui-tests-orphans"];

    // A golden that differs is written, and its test fails all the same: the run after it tells.
    for _ in 0..RUNS {
        if Cargo::new(SCHEMA).env("TRACEL_BLESS", "1").run()? {
            break;
        }
    }
    Cargo::new(UI).env("TRYBUILD", "overwrite").run()?;

    say("the goldens are written; now the tests without a blessing:");
    let fits = Cargo::new(SCHEMA).run()? & Cargo::new(UI).run()?;
    say(match fits {
        true => "every golden fits; `git diff` shows what has changed",
        false => "this is more than a golden that differs: see the failures above",
    });
    Ok(fits)
}
