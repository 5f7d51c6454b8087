//! `deploy/`, made from the schemas of what it serves by the command that users have.

use crate::command::Cargo;

/// The schemas of the demo's services, and of those without one of their own.
const SCHEMAS: [&str; 2] = ["demo/schema.toml", "schema.toml"];

/// Whether all is written, or with `only_check` whether nothing is stale.
pub(super) fn run(only_check: bool) -> Result<bool, String> {
    let command = "run --quiet -p tracel-cli --no-default-features --bin tracel -- generate --out deploy";
    let arguments = command
        .split(' ')
        .chain(SCHEMAS)
        .chain(only_check.then_some("--check"));
    Cargo::new(arguments).run()
}
