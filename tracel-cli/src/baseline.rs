//! An existing code base is taken over step by step: the banned calls that stand in it are counted in tracel-baseline.toml,
//! and no count may grow. Clippy finds them (`baseline/calls.rs`); how its lints are lowered meanwhile, `init` knows.

mod calls;
mod file;

pub use calls::Call;
pub use file::Baseline;

use crate::init::{
    Options,
    baseline::{lint_tables, record},
    edits::Edits,
    project::Project,
};
use calls::calls;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
};

/// The file's name, in the folder of the workspace or of the lone package.
pub const FILE: &str = "tracel-baseline.toml";

/// The lints of what logs past the schema, loses a request's context or prints.
pub const LINTS: [&str; 6] = [
    "await_holding_invalid_type",
    "dbg_macro",
    "disallowed_macros",
    "disallowed_methods",
    "print_stderr",
    "print_stdout",
];

/// Counts the banned calls of a project, and works out the files that record them: tracel-baseline.toml, and the lint tables
/// in which what is counted may no longer fail a build.
///
/// The folder stands for its whole workspace, whatever packages are named.
///
/// # Errors
/// When Cargo or clippy cannot check the project, or a file is not what it should be: in their words.
pub fn plan(options: &Options) -> Result<Edits, String> {
    let (project, before) = read(&options.folder)?;
    let before = before.unwrap_or_default();
    let now = counted(&project, &before)?;
    record(&project, &before, &Baseline::of(&now, before.cargo.clone()))
}

/// What a check against the recorded counts found.
#[derive(Debug)]
pub struct Report {
    /// The file with the counts.
    pub path: PathBuf,
    /// What is called more often than recorded.
    pub grown: Vec<Change>,
    /// What is called less often.
    pub lowered: Vec<Change>,
    /// The calls that stand.
    pub standing: usize,
}

/// A package's count that is another than the recorded.
#[derive(Debug)]
pub struct Change {
    /// The package.
    pub package: String,
    /// What is called: `log::info`.
    pub path: String,
    /// How often it was recorded.
    pub recorded: usize,
    /// How often it stands there.
    pub found: usize,
    /// Where: in the files with more of them than recorded.
    pub places: Vec<Call>,
}

/// Holds a project to its tracel-baseline.toml.
///
/// # Errors
/// When it has none, and when Cargo or clippy cannot check the project: in their words.
pub fn check(folder: &Path) -> Result<Report, String> {
    let (project, recorded) = read(folder)?;
    let path = project.root.join(FILE);
    let recorded = recorded.ok_or_else(|| {
        format!(
            "there is no {}; `tracel init --baseline` writes it",
            path.display()
        )
    })?;
    let calls = counted(&project, &recorded)?;
    let found = Baseline::of(&calls, Vec::new());
    let keys: BTreeSet<[&str; 3]> = recorded.keys().chain(found.keys()).collect();
    let (mut grown, mut lowered) = (Vec::new(), Vec::new());
    for key in keys {
        let (before, after) = (recorded.files(key), found.files(key));
        let sum = |files: &BTreeMap<String, usize>| files.values().sum::<usize>();
        let [package, lint, path] = key;
        let is_more = |call: &&Call| after.get(&call.file) > before.get(&call.file);
        let is_it = |call: &&Call| call.package == package && call.lint == lint && call.path == path;
        let mut change = Change {
            package: package.to_owned(),
            path: path.to_owned(),
            recorded: sum(before),
            found: sum(after),
            places: Vec::new(),
        };
        if change.found > change.recorded {
            change.places = calls.iter().filter(is_it).filter(is_more).cloned().collect();
            grown.push(change);
        } else if change.found < change.recorded {
            lowered.push(change);
        }
    }
    Ok(Report {
        path,
        grown,
        lowered,
        standing: calls.len(),
    })
}

/// The whole workspace around a folder, and what is recorded of it.
fn read(folder: &Path) -> Result<(Project, Option<Baseline>), String> {
    let here = Project::read(folder, &[])?;
    let project = Project::read(&here.root, &[])?;
    let recorded = Baseline::read(&project.root.join(FILE))?;
    Ok((project, recorded))
}

/// The calls that count. A lint that the manifest allows was set so by its owner, and does not count, unless its calls are
/// recorded: then `init` set it.
fn counted(project: &Project, recorded: &Baseline) -> Result<Vec<Call>, String> {
    let mut counts = BTreeSet::new();
    for table in lint_tables(project)? {
        for lint in LINTS {
            let is_recorded = table
                .packages
                .iter()
                .any(|package| recorded.has_lint(package, lint));
            if is_recorded || table.level(lint) != Some("allow") {
                counts.extend(table.packages.iter().map(|package| (package.clone(), lint)));
            }
        }
    }
    let mut calls = calls(project, &recorded.cargo)?;
    calls.retain(|call| counts.contains(&(call.package.clone(), call.lint)));
    Ok(calls)
}

/// `pay: 3 calls of log::info, and 2 recorded`.
impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Change {
            package,
            path,
            recorded,
            found,
            ..
        } = self;
        let calls = if *found == 1 { "call" } else { "calls" };
        write!(f, "{package}: {found} {calls} of {path}, and {recorded} recorded")
    }
}
