//! The programs of `bench/`, a workspace of its own.

use crate::command::{Cargo, root};
use std::path::PathBuf;

/// Builds one as services are built, alone, so that no other's features are in it; returns its program.
pub(crate) fn build(package: &str, more: &[&str]) -> Result<PathBuf, String> {
    let target = root().join("target/bench");
    let built = Cargo::new(
        ["build", "--quiet", "--release", "-p", package]
            .iter()
            .chain(more),
    )
    .within(&root().join("bench"))
    .env("CARGO_TARGET_DIR", &target.to_string_lossy())
    .run()?;
    match built {
        true => Ok(target.join("release").join(package)),
        false => Err(format!("{package} cannot be built")),
    }
}
