//! `tracel init`: what a project lacks to log with TraceL, worked out first and written last. Each part of it is a module
//! here; what is printed of it, the command knows.

pub(crate) mod baseline;
mod clippy;
pub mod edits;
mod manifest;
pub mod project;
mod script;
mod starter;

use edits::Edits;
use project::Project;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of a package or of a workspace; a workspace's stands for all its packages.
    pub folder: PathBuf,
    /// These packages of it alone.
    pub packages: Vec<String>,
    /// A checkout of TraceL to depend on, in place of the published crates.
    pub checkout: Option<PathBuf>,
}

/// Works out what the project lacks; nothing is written before [`Edits::apply`].
///
/// What stands there stays: entries are added beside it. What cannot be added is in [`Edits::left`], with the lines to write.
///
/// # Errors
/// When the project cannot be read: Cargo's own words, or the file and what is wrong with it.
pub fn plan(options: &Options) -> Result<Edits, String> {
    let project = Project::read(&options.folder, &options.packages)?;
    let mut edits = Edits::new(&project.root);
    let source = manifest::Source::new(options.checkout.as_deref())?;
    starter::schema(&project, &mut edits)?;
    for package in &project.packages {
        let shown = edits.shown(&package.manifest);
        if package.is_macro {
            edits.leave(format!(
                "{shown}: {} is a proc-macro crate, which logs nothing at run time; it was left alone",
                package.name
            ));
            continue;
        }
        manifest::dependencies(&project, package, &source, &mut edits)?;
        script::build(package, &mut edits)?;
        manifest::lints(&project, package, &mut edits)?;
        clippy::merge(&nearest_clippy(&project.root, &package.folder), &mut edits)?;
        starter::main(package, &mut edits)?;
        hints(package, &shown, &mut edits);
    }
    Ok(edits)
}

/// What Cargo's data tell that stands in the way, and that only a person can mend.
fn hints(package: &project::Package, shown: &str, edits: &mut Edits) {
    for dependency in &package.dependencies {
        let Some(renamed) = &dependency.rename else {
            continue;
        };
        if ["log", "tracing", "tokio"].contains(&dependency.name.as_str()) {
            edits.leave(format!(
                "{shown}: it calls `{}` `{renamed}`, and under another name clippy finds none of its macros: depend on it by its own name",
                dependency.name
            ));
        }
    }
    let least = env!("CARGO_PKG_RUST_VERSION");
    if let Some(version) = &package.rust_version
        && numbers(version) < numbers(least)
    {
        edits.leave(format!(
            "{shown}: rust-version = \"{version}\" is less than TraceL needs: write \"{least}\""
        ));
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// The lint file that clippy takes for a package in `folder`: the nearest, and a new one at the root where there is none.
fn nearest_clippy(root: &Path, folder: &Path) -> PathBuf {
    let names = |folder: &Path| [folder.join(".clippy.toml"), folder.join("clippy.toml")];
    let mut found = folder
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .flat_map(names);
    found
        .find(|path| path.is_file())
        .unwrap_or_else(|| root.join("clippy.toml"))
}
