//! `cargo xtask bench compile`: how many packages `tracel` brings, and what a debug build of it costs from nothing, beside
//! its nearest peer. Each is the only dependency of an empty crate of its own.

use super::{cpu, sample::Sample, subject::Subject};
use crate::command::{Cargo, root, say};
use std::{collections::BTreeSet, time::Duration};

const MOST_PACKAGES: usize = 40;
const MOST_RATIO: f64 = 1.5;

pub(super) const PEER: &str =
    "tracing = \"0.1\"\ntracing-subscriber = { version = \"0.3\", features = [\"json\"] }";

/// Whether both limits hold.
pub(crate) fn run(rounds: u32) -> Result<bool, String> {
    let packages = packages()?;
    say(&format!(
        "packages of tracel in its default features: {packages} (at most {MOST_PACKAGES})"
    ));

    let ours = format!("tracel = {{ path = {:?} }}", root().join("tracel"));
    let (ours, peer) = (empty("tracel", &ours)?, empty("tracing", PEER)?);
    let (mut tracel, mut tracing) = (Sample::default(), Sample::default());
    for round in 1..=rounds {
        let (a, b) = (build(&ours)?, build(&peer)?);
        let (a_seconds, b_seconds) = (a.as_secs_f64(), b.as_secs_f64());
        say(&format!(
            "round {round} of {rounds}: tracel {a_seconds:.2} s, peer {b_seconds:.2} s"
        ));
        tracel.add(a);
        tracing.add(b);
    }
    let ratio = tracel.median().as_secs_f64() / tracing.median().as_secs_f64();
    say(&format!(
        "CPU time of a debug build from nothing, median of {rounds} (range):\n  \
         tracel                              {tracel}\n  \
         tracing + tracing-subscriber[json]  {tracing}\n  \
         ratio {ratio:.2} (at most {MOST_RATIO})"
    ));
    Ok(packages <= MOST_PACKAGES && ratio <= MOST_RATIO)
}

/// The packages that a default build of `tracel` compiles, itself among them.
fn packages() -> Result<usize, String> {
    let tree = "tree -e normal -p tracel --prefix none --format {p}";
    let tree = Cargo::new(tree.split(' ')).output()?;
    // A package that is named again has ` (*)` behind it.
    let packages: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(packages.iter().filter(|package| !package.is_empty()).count())
}

fn empty(name: &str, dependencies: &str) -> Result<Subject, String> {
    let subject = Subject::new(&format!("empty-with-{name}"), dependencies)?;
    subject.write("src/lib.rs", "")?;
    Ok(subject)
}

/// Builds it from nothing, and returns the CPU time that took.
fn build(subject: &Subject) -> Result<Duration, String> {
    subject.clean()?;
    let before = cpu::of_children()?;
    subject.cargo("build --quiet --offline").output()?;
    Ok(cpu::of_children()?.saturating_sub(before))
}
