//! The programs of `bench/`, a workspace of its own: building them, and asking them for their figures.

use super::figures::Figures;
use crate::command::{Cargo, root};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Cargo, where the programs are, with the folder that they are built in.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Cargo {
    Cargo::new(arguments)
        .within(&root().join("bench"))
        .env("CARGO_TARGET_DIR", &target().to_string_lossy())
}

pub(super) fn target() -> PathBuf {
    root().join("target/bench")
}

/// Builds one as services are built, alone, so that no other's features are in it; returns its program.
pub(crate) fn build(package: &str, more: &[&str]) -> Result<PathBuf, String> {
    let arguments = ["build", "--quiet", "--release", "-p", package];
    match cargo(arguments.iter().chain(more).copied()).run()? {
        true => Ok(target().join("release").join(package)),
        false => Err(format!("{package} cannot be built")),
    }
}

/// Runs a program and returns what it said.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn said(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!(
            "{} {}: {}\n{}",
            program.display(),
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Runs a program and reads the figures that it says.
///
/// # Errors
/// When it cannot be started, fails, or says none.
pub(crate) fn ask(program: &Path, arguments: &[&str]) -> Result<Figures, String> {
    let said = said(program, arguments)?;
    Figures::read(&said).ok_or_else(|| format!("{} said no figures: {said}", program.display()))
}

/// Measures once: to `null`, or to a file in a folder that is made for it in this one.
pub(crate) fn measure(
    program: &Path,
    within: Option<&Path>,
    threads: usize,
    pace: &str,
) -> Result<Figures, String> {
    let folder = within.map(|within| within.join("run"));
    let file = folder.as_ref().map(|folder| folder.join("log.ndjson"));
    let sink = file
        .as_ref()
        .map_or_else(|| "null".into(), |file| file.to_string_lossy());
    if let Some(folder) = &folder {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut figures = ask(program, &[&sink, &threads.to_string(), pace])?;
    // What is in the file counts, not what a program says of it.
    if let Some(Ok(metadata)) = file.as_ref().map(fs::metadata) {
        figures.bytes = metadata.len() as f64;
    }
    if let Some(folder) = &folder {
        fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(figures)
}
