//! `cargo xtask bench compile`: how many packages `tracel` brings, and what a debug build of it costs from nothing, beside
//! its nearest peer. Each is the only dependency of an empty crate of its own.

use super::{cpu, sample::Sample};
use crate::command::{Cargo, root, say};
use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};
use tempfile::TempDir;

const MOST_PACKAGES: usize = 40;
const MOST_RATIO: f64 = 1.5;

const PEER: &str = "tracing = \"0.1\"\ntracing-subscriber = { version = \"0.3\", features = [\"json\"] }";

/// Whether both limits hold.
pub(crate) fn run(rounds: u32) -> Result<bool, String> {
    let packages = packages()?;
    say(&format!(
        "packages of tracel in its default features: {packages} (at most {MOST_PACKAGES})"
    ));

    let ours = format!("tracel = {{ path = {:?} }}", root().join("tracel"));
    let (ours, peer) = (Subject::new("tracel", &ours)?, Subject::new("tracing", PEER)?);
    let (mut tracel, mut tracing) = (Sample::default(), Sample::default());
    for round in 1..=rounds {
        let (a, b) = (ours.build()?, peer.build()?);
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

/// An empty crate with the dependencies to be measured.
struct Subject {
    folder: TempDir,
    target: PathBuf,
}

impl Subject {
    fn new(name: &str, dependencies: &str) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| format!("no temporary folder: {error}"))?;
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
            parent
                .and_then(|()| fs::write(&path, text))
                .map_err(|error| format!("{}: {error}", path.display()))
        };
        write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"empty-with-{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}\n"
            ),
        )?;
        write("src/lib.rs", "")?;
        // Both sides in the versions that the workspace is tested with.
        let lock = root().join("Cargo.lock");
        let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
        write("Cargo.lock", &lock)?;
        let target = folder.path().join("target");
        let subject = Subject { folder, target };
        // Downloads are no part of a build.
        match subject.cargo("fetch").run()? {
            true => Ok(subject),
            false => Err(format!("the dependencies of {name} cannot be fetched")),
        }
    }

    fn cargo(&self, arguments: &str) -> Cargo {
        Cargo::new(arguments.split(' '))
            .within(self.folder.path())
            // A compiler's cache would be measured in its place.
            .env("RUSTC_WRAPPER", "")
    }

    /// Builds it from nothing, and returns the CPU time that took.
    fn build(&self) -> Result<Duration, String> {
        if self.target.exists() {
            fs::remove_dir_all(&self.target)
                .map_err(|error| format!("{}: {error}", self.target.display()))?;
        }
        let before = cpu::of_children()?;
        self.cargo("build --quiet --offline --target-dir target")
            .output()?;
        Ok(cpu::of_children()?.saturating_sub(before))
    }
}
