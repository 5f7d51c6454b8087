//! `deploy/`, made from the schemas of what it serves by the command that users have.

use crate::command::{Cargo, root, say};
use std::{path::Path, process::Command};

/// The schemas of the demo's services, and of those without one of their own.
const SCHEMAS: [&str; 2] = ["demo/schema.toml", "schema.toml"];

/// Whether all is written, or with `only_check` whether nothing is stale. `tracel` is built unless it is given.
pub(super) fn run(only_check: bool, tracel: Option<&Path>) -> Result<bool, String> {
    let arguments = ["generate", "--out", "deploy"]
        .into_iter()
        .chain(SCHEMAS)
        .chain(only_check.then_some("--check"));
    let Some(tracel) = tracel else {
        let build = "run --quiet -p tracel-cli --no-default-features --bin tracel --";
        return Cargo::new(build.split(' ').chain(arguments)).run();
    };
    say(&format!("$ {} generate", tracel.display()));
    let status = Command::new(tracel).args(arguments).current_dir(root()).status();
    status
        .map(|status| status.success())
        .map_err(|error| format!("{} cannot be started: {error}", tracel.display()))
}
