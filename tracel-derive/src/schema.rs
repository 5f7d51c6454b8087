//! Where the compiled schema comes from. What it says is looked up in `rules`.

#[cfg(test)]
mod tests;

use crate::fault::Faults;
use proc_macro2::Span;
use std::{
    collections::HashMap,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::SystemTime,
};
use tracel_schema::{
    codes::{Code, macros as codes},
    compiled,
    model::Schema,
};

/// The schema of the crate that is being compiled, and the file that it was read from (none: the neutral one).
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) schema: Arc<Schema>,
    pub(crate) file: Option<PathBuf>,
}

/// Why there is none.
#[derive(Clone)]
pub(crate) struct Missing {
    code: &'static Code,
    what: String,
    way_out: String,
}

impl Missing {
    fn new(code: &'static Code, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        let (what, way_out) = (what.into(), way_out.into());
        Missing { code, what, way_out }
    }

    #[cfg(test)]
    pub(crate) fn example() -> Self {
        Missing::new(&codes::NO_BUILD_SCRIPT, "there is none", "write one")
    }

    pub(crate) fn faults(&self, at: Span) -> Faults {
        let mut faults = Faults::default();
        faults.add(at, self.code, &self.what, &self.way_out);
        faults
    }
}

/// The schema of the crate that is being compiled.
pub(crate) fn load() -> Result<Loaded, Missing> {
    find(&|name| env::var_os(name))
}

/// The same, in this environment.
fn find(var: &dyn Fn(&str) -> Option<OsString>) -> Result<Loaded, Missing> {
    let text = |name| {
        var(name)
            .map(|value| value.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    if let Some(path) = var("TRACEL_COMPILED_SCHEMA") {
        let path = PathBuf::from(path);
        return Ok(Loaded {
            schema: read(&path)?,
            file: Some(path),
        });
    }
    let package = text("CARGO_PKG_NAME");
    let folder = text("CARGO_MANIFEST_DIR");
    if let Some(path) = var("OUT_DIR").map(|dir| Path::new(&dir).join("tracel.schema"))
        && path.exists()
    {
        let schema = read(&path)?;
        let owner = &schema.owner;
        if owner.package != package || owner.manifest_dir != folder {
            return Err(Missing::new(
                &codes::FOREIGN_COMPILED,
                format!(
                    "the compiled schema in OUT_DIR belongs to the package `{}` in {}, and this is `{package}` in {folder}",
                    owner.package, owner.manifest_dir
                ),
                "give this package a build.rs: `fn main() { tracel_schema::build() }`; one that is compiled outside of \
                 Cargo's build scripts names its compiled schema in TRACEL_COMPILED_SCHEMA",
            ));
        }
        return Ok(Loaded {
            schema,
            file: Some(path),
        });
    }
    // `tracel` itself is held to the neutral schema, which is this repository's own.
    if package != "tracel"
        && let Some(path) = schema_toml(Path::new(&folder), var("TRACEL_SCHEMA"))
    {
        return Err(Missing::new(
            &codes::NO_BUILD_SCRIPT,
            format!(
                "{} was not compiled: `{package}` has no build script that does it",
                path.display()
            ),
            concat!(
                "`tracel init` adds it; by hand: build.rs with `fn main() { tracel_schema::build() }`, and in Cargo.toml under \
                 [build-dependencies] `tracel-schema = \"",
                env!("CARGO_PKG_VERSION"),
                "\"`"
            ),
        ));
    }
    Ok(Loaded {
        schema: neutral()?,
        file: None,
    })
}

fn neutral() -> Result<Arc<Schema>, Missing> {
    static NEUTRAL: LazyLock<Result<Arc<Schema>, Missing>> = LazyLock::new(|| {
        compiled::read(tracel_schema::DEFAULT_COMPILED)
            .map(Arc::new)
            .map_err(|error| {
                Missing::new(
                    &codes::UNREADABLE_COMPILED,
                    error.to_string(),
                    "this is a fault of tracel-schema itself",
                )
            })
    });
    NEUTRAL.clone()
}

/// The schema.toml that a build script here would take: from the package's folder up to the workspace's.
fn schema_toml(folder: &Path, named: Option<OsString>) -> Option<PathBuf> {
    let is_root = |folder: &Path| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| {
            manifest
                .lines()
                .any(|line| line.trim_start().starts_with("[workspace"))
        })
    };
    // A package outside any workspace is its own root.
    let root = folder
        .ancestors()
        .find(|folder| is_root(folder))
        .unwrap_or(folder);
    let found = folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(root))
        .map(|folder| folder.join("schema.toml"))
        .find(|path| path.is_file());
    found.or_else(|| named.map(PathBuf::from))
}

type Cached = (SystemTime, u64, Result<Arc<Schema>, Missing>);

/// Reads a compiled schema, or takes it from the cache: a macro server lives on while the file changes.
fn read(path: &Path) -> Result<Arc<Schema>, Missing> {
    static CACHE: Mutex<Option<HashMap<PathBuf, Cached>>> = Mutex::new(None);
    let unreadable = |what: &dyn std::fmt::Display| {
        Missing::new(
            &codes::UNREADABLE_COMPILED,
            format!("{}: {what}", path.display()),
            concat!(
                "build.rs calls `tracel_schema::build()`, which writes it, and takes tracel-schema in the version of tracel, ",
                env!("CARGO_PKG_VERSION")
            ),
        )
    };
    let about = fs::metadata(path).map_err(|error| unreadable(&error))?;
    let (time, length) = (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len());
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = cache.get_or_insert_default();
    if let Some((at, bytes, schema)) = cache.get(path)
        && (*at, *bytes) == (time, length)
    {
        return schema.clone();
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    let schema = compiled::read(&text)
        .map(Arc::new)
        .map_err(|error| unreadable(&error));
    cache.insert(path.to_owned(), (time, length, schema.clone()));
    schema
}
