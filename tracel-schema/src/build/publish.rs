//! `publish()`, the whole of the build script of a schema crate.

use super::{OnDisk, Package, find, finish, report, root, tell, variable, watch, write};
use crate::{compile::checked, diagnostic::Diagnostics, normal, published::Published, sources::Graph};
use std::{
    io::{self, Write},
    path::Path,
};

/// How `links` begins in the manifest of a schema crate.
const LINKS: &str = "tracel_schema_";

/// Publishes the schema of an organisation, so that the services of many teams extend it, each from a repository of its
/// own. It is the whole of a schema crate's build script.
///
/// # From one schema to many services
///
/// 1. Make a crate of the schema. `links` is how Cargo hands it on: it begins with `tracel_schema_`, and the rest is yours.
///
///    ```toml
///    [package]
///    name = "acme-schema"
///    version = "1.4.0"
///    edition = "2024"
///    links = "tracel_schema_acme"
///
///    [build-dependencies]
///    tracel-schema = "0.1"
///    ```
///
/// 2. Call `publish` in its `build.rs`; its `src/lib.rs` stays empty.
///
///    ```no_run
///    fn main() {
///        tracel_schema::publish()
///    }
///    ```
///
/// 3. Say in its `schema.toml` what holds in every service.
///
///    ```toml
///    [schema]
///    name = "acme"
///    version = 4
///
///    [policy]
///    sensitive = "hash"
///
///    [fields]
///    user_id = { type = "u64", doc = "Account that acted." }
///    card = { type = "string", class = "sensitive" }
///
///    [category.user]
///    required = ["user_id"]
///    ```
///
/// 4. Let a service depend on it. Cargo hands a schema on to the build scripts of direct dependents alone: it stands
///    under `[dependencies]`, and the service keeps its own build.rs with [`build`](super::build).
///
///    ```toml
///    [dependencies]
///    acme-schema = "1"
///    tracel = "0.1"
///
///    [build-dependencies]
///    tracel-schema = "0.1"
///    ```
///
/// 5. Extend it, in the service's `schema.toml`.
///
///    ```toml
///    [schema]
///    name = "payment"
///    version = 1
///    extends = ["acme-schema"]
///
///    [fields]
///    amount = { type = "u64" }      # added
///    card = { class = "secret" }    # tightened
///
///    [event.payment_captured]
///    category = "user"
///    level = "info"
///    message = "payment captured"
///    required = ["amount"]
///    ```
///
/// A new field reaches a service with `cargo update`.
///
/// # What a schema may do to those that it extends
///
/// - Add fields, categories, levels and events, and fields to the events that are there.
/// - Tighten: require more; `sensitive` or `secret` over `safe`; `propagate = false` over true; and in `[policy]` and of
///   events a lower limit, a shorter retention, a smaller record, fewer levels, fewer keys, fewer whose ids are trusted, a
///   value hidden more (`hash`, then `mask`, then `drop`). What becomes a secret is offered by no event any more.
/// - Never redefine or loosen: another type, unit, message, level or category is an error that names both lines.
///
/// Of two schemas that a third extends, the tighter rule holds.
///
/// # Versions
///
/// One build holds one crate of each `links`, so all services of one workspace take one version: what only adds (a field,
/// an event) is a minor version, what may refuse a service (a new requirement, a higher class) a major one.
///
/// # Errors
///
/// As in [`build`](super::build): everything that is wrong is printed at once, and the build stops with status 1. So it is
/// without `links`, and without a schema.toml: beside Cargo.toml, or where `[package.metadata.tracel] schema` says.
#[allow(clippy::needless_doctest_main, reason = "it is the whole of a build.rs")]
pub fn publish() {
    finish(run(&mut io::stdout()));
}

fn run(cargo: &mut dyn Write) -> Result<(), String> {
    let package = Package::new()?;
    if !variable("CARGO_MANIFEST_LINKS").is_ok_and(|links| links.to_string_lossy().starts_with(LINKS)) {
        return Err(format!(
            "the crate `{}` publishes a schema, and Cargo cannot hand it on: write under [package] in its Cargo.toml \
             `links = \"{LINKS}..\"`, with a name of its own",
            package.name
        ));
    }
    let found = find::own_schema(&package.folder);
    watch(cargo, &found.watched)?;
    let Some(file) = found.schema.map_err(|diagnostics| report(&diagnostics))? else {
        return Err(format!(
            "the crate `{}` publishes a schema, and there is none: write {}",
            package.name,
            package.folder.join("schema.toml").display()
        ));
    };
    let mut bases = OnDisk::new(package.name.clone(), &package.folder, std::env::vars_os());
    let source = root(&mut bases, &file)?;
    let mut errors = Diagnostics::default();
    let mut graph = Graph::load(source, &mut bases, &mut errors);
    watch(cargo, &bases.watched)?;
    let checked = checked(&mut graph, &mut errors);
    if checked.is_none() || !errors.is_empty() {
        return Err(report(&errors.finish(&graph.files().paths())));
    }
    let folder = package
        .folder
        .canonicalize()
        .unwrap_or_else(|_| package.folder.clone());
    let published = Published::new(&graph, |file| {
        if bases.is_published(file) {
            return (file.id.clone(), file.shown.clone());
        }
        // From here on it is a file of this crate, wherever that lies.
        let path = Path::new(&file.id);
        let inside = path.strip_prefix(&folder).ok();
        let inside = inside.or(path.file_name().map(Path::new)).unwrap_or(path);
        let shown = normal(&Path::new(&package.name).join(inside));
        (format!("{}:{}", package.name, inside.display()), shown)
    });
    let out = package.out_dir.join("tracel.published");
    write(&out, &published.write())?;
    tell(cargo, &format!("metadata=package={}", package.name))?;
    tell(cargo, &format!("metadata=published={}", out.display()))
}
