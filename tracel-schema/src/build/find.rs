//! Where a package's schema.toml is. It reads Cargo.toml files, and nothing of the schema itself.

use crate::{codes, diagnostic::Diagnostic};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// What was found, and what it hangs on.
pub(super) struct Found {
    /// `None`: there is no schema.toml.
    pub(super) schema: Result<Option<SchemaFile>, Vec<Diagnostic>>,
    /// The files that Cargo must watch.
    pub(super) watched: Vec<PathBuf>,
}

/// A schema.toml.
#[derive(Debug, PartialEq)]
pub(super) struct SchemaFile {
    pub(super) path: PathBuf,
    /// As messages call it: from the workspace's folder on.
    pub(super) shown: PathBuf,
}

/// The schema of the package in `manifest_dir`; `variable` is `TRACEL_SCHEMA`.
pub(super) fn schema(manifest_dir: &Path, out_dir: &Path, variable: Option<OsString>) -> Found {
    let own = manifest_dir.join("Cargo.toml");
    let mut watched = vec![own.clone()];
    let root = root(manifest_dir, &mut watched);
    let file = |path: PathBuf| SchemaFile {
        shown: path.strip_prefix(&root).unwrap_or(&path).to_path_buf(),
        path,
    };
    let named = match variable.filter(|value| !value.is_empty()) {
        Some(value) => Ok(Some(PathBuf::from(value))),
        None => from_manifest(&own, &root),
    };
    let schema = named.map(|named| match named {
        Some(path) => Some(manifest_dir.join(path)),
        None => {
            let up = manifest_dir
                .ancestors()
                .take_while(|folder| folder.starts_with(&root));
            let mut candidates = up.map(|folder| folder.join("schema.toml"));
            candidates.find(|path| path.is_file())
        }
    });
    let schema = schema.map(|path| path.map(file));
    watched.retain(|path| path.is_file());
    match &schema {
        // The file itself is watched by whoever reads it.
        Ok(Some(file)) if file.path.is_file() => {}
        Ok(Some(file)) => watched.push(file.path.clone()),
        // Cargo takes a missing file for a changed one, so the script runs until there is a schema. To watch where
        // it may come would not do: one that is moved there brings an old time of change.
        Ok(None) => watched.push(out_dir.join("schema.toml")),
        Err(_) => {}
    }
    Found { schema, watched }
}

/// The schema of a crate that publishes one: it lies in the crate.
pub(super) fn own_schema(manifest_dir: &Path) -> Found {
    let own = manifest_dir.join("Cargo.toml");
    let mut watched = vec![own.clone()];
    let root = root(manifest_dir, &mut watched);
    let schema = from_manifest(&own, &root).map(|named| {
        let path = manifest_dir.join(named.unwrap_or_else(|| "schema.toml".into()));
        let shown = path.strip_prefix(&root).unwrap_or(&path).to_path_buf();
        path.is_file().then_some(SchemaFile { path, shown })
    });
    // Without a file Cargo runs the script with every build, so that the first one is seen.
    if let Ok(None) = schema {
        watched.push(manifest_dir.join("schema.toml"));
    }
    Found { schema, watched }
}

/// The workspace's folder: the nearest whose Cargo.toml has a `[workspace]`, or the package's own.
fn root(manifest_dir: &Path, watched: &mut Vec<PathBuf>) -> PathBuf {
    for folder in manifest_dir.ancestors() {
        let manifest = folder.join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&manifest) else {
            continue;
        };
        let (table, _) = DeTable::parse_recoverable(&text);
        if table.get_ref().contains_key("workspace") {
            watched.push(manifest);
            return folder.to_path_buf();
        }
    }
    manifest_dir.to_path_buf()
}

/// `schema` under `[package.metadata.tracel]`.
fn from_manifest(manifest: &Path, root: &Path) -> Result<Option<PathBuf>, Vec<Diagnostic>> {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let (table, _) = DeTable::parse_recoverable(&text);
    let Some(tracel) = table
        .get_ref()
        .get("package")
        .and_then(|package| package.get_ref().get("metadata"))
        .and_then(|metadata| metadata.get_ref().get("tracel"))
    else {
        return Ok(None);
    };
    match tracel.get_ref().get("schema").map(|value| value.get_ref()) {
        None => Ok(None),
        Some(DeValue::String(path)) => Ok(Some(PathBuf::from(path.as_ref()))),
        Some(_) => {
            let line = text[..tracel.span().start].matches('\n').count() + 1;
            Err(vec![Diagnostic {
                code: &codes::UNREADABLE,
                file: manifest.strip_prefix(root).unwrap_or(manifest).to_path_buf(),
                line: u32::try_from(line).unwrap_or(u32::MAX),
                column: 1,
                what: "`schema` of [package.metadata.tracel] is no string".to_owned(),
                way_out: "write the path of the schema: schema = \"../schema.toml\"".to_owned(),
            }])
        }
    }
}
