//! `cargo xtask bench cost`: the instructions and allocations of a call, held to their budgets. Instructions are counted by
//! callgrind in `bench/tracel`, of which it runs so many calls and twice as many: what happens once is no part of a call's.

use super::{
    budgets::{BUDGETS, Budget, CODE, SHIPPED, STRIPPED},
    code,
    peer::build,
};
use crate::command::say;
use std::{path::Path, process::Command};

/// Calls of the shorter run: enough to fill some twenty chunks of the journal, so that their change is part of a record.
const CALLS: u64 = 2_000;
/// What callgrind counts within: the caller's loop.
const CALLER: &str = "*::counted*";
/// What a shipper does for each record, on its own thread: it follows the journal, and completes the lines of a batch. No star at its end:
/// the function's closure would count as well, and what is entered twice is no longer counted.
const SHIPPER: &str = "*shipper::source::Source::read";

/// Whether every budget holds.
pub(crate) fn run() -> Result<bool, String> {
    // First, for the program that is left behind is the one that is measured most.
    let stripped = callers(&build("bench-tracel", &["--features", "stripped"])?, STRIPPED)?;
    let whole = build("bench-tracel", &[])?;
    let called = callers(&whole, BUDGETS)?;
    let (coded, shipped) = (code(&whole)?, shippers(&whole)?);
    Ok(stripped && called && coded && shipped)
}

/// How much code records go through, held to its budgets.
fn code(program: &Path) -> Result<bool, String> {
    let mut held = true;
    for (case, what, budget) in CODE {
        let lines = code::lines(program, case, CALLS, CALLER)?;
        held &= told(what, lines, *budget, "lines of the cache");
    }
    Ok(held)
}

/// What records cost the threads of their sinks, held to their budgets.
fn shippers(program: &Path) -> Result<bool, String> {
    let mut held = true;
    for (case, what, budget) in SHIPPED {
        let instructions = instructions(program, case, SHIPPER)?;
        held &= told(what, instructions, *budget, "instructions");
    }
    Ok(held)
}

/// Says what was counted, and whether it is something, and no more than its budget.
fn told(what: &str, count: u64, budget: u64, of: &str) -> bool {
    let holds = count > 0 && count <= budget;
    let verdict = if holds { "ok    " } else { "BROKEN" };
    say(&format!("{verdict} {what}: {count} {of} of {budget}"));
    holds
}

fn callers(program: &Path, budgets: &[Budget]) -> Result<bool, String> {
    let mut held = true;
    for budget in budgets {
        let over = budget
            .over
            .map_or(Ok(0), |case| instructions(program, case, CALLER))?;
        let instructions = instructions(program, budget.case, CALLER)?.saturating_sub(over);
        let allocations = allocations(program, budget.case)?;
        let holds = instructions <= budget.instructions && allocations <= budget.allocations;
        held &= holds;
        say(&format!(
            "{} {}: {instructions} instructions of {}, {} allocations of {}",
            if holds { "ok    " } else { "BROKEN" },
            budget.what,
            budget.instructions,
            thousandth(allocations),
            thousandth(budget.allocations),
        ));
    }
    Ok(held)
}

fn thousandth(count: u64) -> f64 {
    count as f64 / 1_000.0
}

/// Of one call, in the thread that comes by there.
fn instructions(program: &Path, case: &str, within: &str) -> Result<u64, String> {
    let (once, twice) = (
        collected_within(program, &[case], CALLS, within)?,
        collected_within(program, &[case], 2 * CALLS, within)?,
    );
    Ok(twice.saturating_sub(once) / CALLS)
}

/// All instructions of so many calls of a case.
pub(super) fn collected(program: &Path, case: &[&str], calls: u64) -> Result<u64, String> {
    collected_within(program, case, calls, CALLER)
}

fn collected_within(program: &Path, case: &[&str], calls: u64, within: &str) -> Result<u64, String> {
    let said = callgrind(program, case, calls, within, Path::new("/dev/null"), &[])?;
    said.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("callgrind counted nothing of {}:\n{said}", case.join(" ")))
}

/// Runs so many calls of a case under callgrind, which writes what it finds to `out`; returns what it said.
pub(super) fn callgrind(
    program: &Path,
    case: &[&str],
    calls: u64,
    within: &str,
    out: &Path,
    options: &[&str],
) -> Result<String, String> {
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(format!("--toggle-collect={within}"))
        .args(options)
        .arg(program)
        .args(case)
        .arg(calls.to_string())
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}; install it (apt install valgrind)"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.success() {
        true => Ok(said),
        false => Err(format!("callgrind failed at {}:\n{said}", case.join(" "))),
    }
}

/// Of a thousand calls.
fn allocations(program: &Path, case: &str) -> Result<u64, String> {
    let output = Command::new(program)
        .args([case, "1000"])
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim()
        .parse()
        .map_err(|error| format!("{} {case} said {said:?}: {error}", program.display()))
}
