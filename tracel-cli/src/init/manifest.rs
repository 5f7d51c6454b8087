//! What a Cargo.toml needs: the dependencies and the lint table. All else in it stays as it is, comments too.

use super::{
    edits::Edits,
    project::{Package, Project},
};
use std::path::{Component, Path, PathBuf};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// The lints for what prints past the log; clippy.toml bans the rest.
const LINTS: [&str; 3] = ["print_stdout", "print_stderr", "dbg_macro"];

/// Where TraceL comes from.
pub(super) struct Source {
    checkout: Option<PathBuf>,
}

impl Source {
    pub(super) fn new(checkout: Option<&Path>) -> Result<Source, String> {
        let Some(given) = checkout else {
            return Ok(Source { checkout: None });
        };
        for part in ["tracel/Cargo.toml", "tracel-schema/Cargo.toml"] {
            if !given.join(part).is_file() {
                let given = given.display();
                return Err(format!(
                    "--path {given}: it is no checkout of TraceL, for it has no {part}"
                ));
            }
        }
        let absolute =
            std::path::absolute(given).map_err(|error| format!("--path {}: {error}", given.display()))?;
        Ok(Source {
            checkout: Some(plain(&absolute)),
        })
    }

    /// How a manifest in `folder` asks for a crate of TraceL.
    fn of(&self, name: &str, folder: &Path) -> InlineTable {
        let mut table = InlineTable::new();
        match &self.checkout {
            Some(checkout) => {
                let path = relative(&plain(folder), &checkout.join(name));
                // Cargo takes `/` on every system.
                table.insert("path", path.to_string_lossy().replace('\\', "/").into());
            }
            None => {
                table.insert("version", env!("CARGO_PKG_VERSION").into());
            }
        }
        table
    }
}

/// Adds `tracel` and, for the build script, `tracel-schema`.
pub(super) fn dependencies(
    project: &Project,
    package: &Package,
    source: &Source,
    edits: &mut Edits,
) -> Result<(), String> {
    for (table, name, kind) in [
        ("dependencies", "tracel", None),
        ("build-dependencies", "tracel-schema", Some("build")),
    ] {
        if package.depends_on(name, kind) {
            continue;
        }
        let root = project.root.join("Cargo.toml");
        let mut features = Array::new();
        let mut named = Vec::new();
        for feature in ["axum", "tokio"] {
            if name == "tracel" && package.depends_on(feature, None) {
                features.push(feature);
                named.push(feature);
            }
        }
        let mut asked = source.of(name, &package.folder);
        let mut manifest = document(&root, edits)?;
        if manifest.contains_key("workspace") {
            let shared = entry(&mut manifest, &["workspace", "dependencies"], &root, edits)?;
            if !shared.contains_key(name) {
                shared.insert(name, short(source.of(name, &project.root)));
                edits.write(
                    &root,
                    manifest.to_string(),
                    format!("{name} under [workspace.dependencies]"),
                );
            }
            asked = InlineTable::from_iter([("workspace", Value::from(true))]);
        }
        let with = match named.as_slice() {
            [] => String::new(),
            [one] => format!(", with its feature {one},"),
            all => format!(", with its features {},", all.join(" and ")),
        };
        if !features.is_empty() {
            asked.insert("features", Value::Array(features));
        }
        let mut manifest = document(&package.manifest, edits)?;
        entry(&mut manifest, &[table], &package.manifest, edits)?.insert(name, short(asked));
        edits.write(
            &package.manifest,
            manifest.to_string(),
            format!("{name}{with} under [{table}]"),
        );
    }
    Ok(())
}

/// Adds the lint table: to the workspace's, which the package then takes over, or to its own.
pub(super) fn lints(project: &Project, package: &Package, edits: &mut Edits) -> Result<(), String> {
    let root = project.root.join("Cargo.toml");
    let has_workspace = document(&root, edits)?.contains_key("workspace");
    let mut own = document(&package.manifest, edits)?;
    let inherits = |item: &Item| item.get("workspace").and_then(Item::as_bool) == Some(true);
    match own.get("lints") {
        Some(lints) if inherits(lints) => add_lints(&root, &["workspace", "lints", "clippy"], edits),
        None if has_workspace => {
            add_lints(&root, &["workspace", "lints", "clippy"], edits)?;
            own = document(&package.manifest, edits)?;
            entry(&mut own, &["lints"], &package.manifest, edits)?.insert("workspace", true.into());
            edits.write(&package.manifest, own.to_string(), "[lints] as in the workspace");
            Ok(())
        }
        _ => add_lints(&package.manifest, &["lints", "clippy"], edits),
    }
}

fn add_lints(manifest: &Path, path: &[&str], edits: &mut Edits) -> Result<(), String> {
    let mut doc = document(manifest, edits)?;
    let table = entry(&mut doc, path, manifest, edits)?;
    let mut added = Vec::new();
    let mut allowed = Vec::new();
    for lint in LINTS {
        match table.get(lint) {
            None => {
                table.insert(lint, "warn".into());
                added.push(lint);
            }
            Some(level) => {
                let level = level.as_str().or_else(|| level.get("level")?.as_str());
                allowed.extend((level == Some("allow")).then_some(lint));
            }
        }
    }
    let (shown, path) = (edits.shown(manifest), path.join("."));
    for lint in allowed {
        edits.leave(format!(
            "{shown}: [{path}] allows {lint}, so that what prints past the log goes unseen; write {lint} = \"warn\""
        ));
    }
    if !added.is_empty() {
        edits.write(
            manifest,
            doc.to_string(),
            format!("{} under [{path}]", added.join(", ")),
        );
    }
    Ok(())
}

pub(super) fn document(path: &Path, edits: &Edits) -> Result<DocumentMut, String> {
    let text = edits.read(path)?.unwrap_or_default();
    text.parse()
        .map_err(|error| format!("{}: {error}", edits.shown(path)))
}

/// The table in which a package's lints of clippy are, or would be: the manifest, and the way to it.
pub(super) fn lint_table(
    project: &Project,
    package: &Package,
    edits: &Edits,
) -> Result<(PathBuf, &'static [&'static str]), String> {
    let own = document(&package.manifest, edits)?;
    Ok(match own.get("lints").and_then(|lints| lints.get("workspace")) {
        Some(_) => (
            project.root.join("Cargo.toml"),
            &["workspace", "lints", "clippy"][..],
        ),
        None => (package.manifest.clone(), &["lints", "clippy"][..]),
    })
}

/// The table of this path, made where it is not there.
pub(super) fn entry<'a>(
    doc: &'a mut DocumentMut,
    path: &[&str],
    file: &Path,
    edits: &Edits,
) -> Result<&'a mut dyn TableLike, String> {
    let mut table: &mut dyn TableLike = doc.as_table_mut();
    for (at, key) in path.iter().enumerate() {
        let is_last = at + 1 == path.len();
        let item = table.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(!is_last);
            Item::Table(table)
        });
        table = item
            .as_table_like_mut()
            .ok_or_else(|| format!("{}: `{}` is no table", edits.shown(file), path.join(".")))?;
    }
    Ok(table)
}

/// `"0.1"` where nothing but a version is asked for.
fn short(asked: InlineTable) -> Item {
    match asked.get("version") {
        Some(version) if asked.len() == 1 => Item::Value(version.clone()),
        _ => Item::Value(Value::InlineTable(asked)),
    }
}

/// A path without `.` and `..`, by its text alone: a link in it stays one.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The way from one folder to another, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}
