//! Where the crate is that a schema extends: at the path that a Cargo.toml says, else where Cargo keeps what its Cargo.lock
//! names, which is there once the package was built or fetched. Cargo itself is not run.

use std::{
    env, fs,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};
use tracel_schema::Unresolved;

/// The folder of the crate `name`, which the schema `from` extends; `start` is the schema that is being checked.
pub(super) fn find(name: &str, from: &Path, start: &Path) -> Result<PathBuf, Unresolved> {
    let package = manifests(from).find(|manifest| has(manifest, "package"));
    if let Some(manifest) = &package
        && from == start
        && !depends(manifest, name)
    {
        let own = package_name(manifest).unwrap_or_default();
        return Err(Unresolved {
            what: format!("`{name}` is no direct dependency of `{own}`"),
            way_out: "add it under [dependencies] in Cargo.toml: Cargo hands a schema on to direct dependents alone".to_owned(),
        });
    }
    let mut asked = manifests(from).chain(manifests(start));
    let by_path = asked.find_map(|manifest| path_of(&manifest, name));
    let found = by_path.or_else(|| from_lock(name, start));
    found
        .and_then(|folder| folder.canonicalize().ok())
        .ok_or_else(|| Unresolved {
            what: format!(
                "`{name}` is not on this machine, as far as Cargo.toml and Cargo.lock tell from here"
            ),
            way_out:
                "run `cargo fetch` in the workspace of this schema, or build it, which checks the schema too"
                    .to_owned(),
        })
}

/// The schema of a crate, from its folder on.
pub(super) fn schema(folder: &Path) -> PathBuf {
    let text = read(&folder.join("Cargo.toml"));
    let (root, _) = DeTable::parse_recoverable(&text);
    let named = get(root.get_ref(), &["package", "metadata", "tracel", "schema"]).and_then(DeValue::as_str);
    named.unwrap_or("schema.toml").into()
}

/// The Cargo.toml files from a file's folder upwards.
fn manifests(from: &Path) -> impl Iterator<Item = PathBuf> {
    let folders: Vec<PathBuf> = from.ancestors().skip(1).map(Path::to_path_buf).collect();
    let manifests = folders.into_iter().map(|folder| folder.join("Cargo.toml"));
    manifests.filter(|manifest| manifest.is_file())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn get<'t>(table: &'t DeTable<'t>, path: &[&str]) -> Option<&'t DeValue<'t>> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?.get_ref();
    match (rest.is_empty(), value) {
        (true, value) => Some(value),
        (false, DeValue::Table(table)) => get(table, rest),
        _ => None,
    }
}

fn has(manifest: &Path, key: &str) -> bool {
    let text = read(manifest);
    DeTable::parse_recoverable(&text).0.get_ref().contains_key(key)
}

fn package_name(manifest: &Path) -> Option<String> {
    let text = read(manifest);
    let (root, _) = DeTable::parse_recoverable(&text);
    let name = get(root.get_ref(), &["package", "name"])?.as_str()?;
    Some(name.to_owned())
}

/// The entries of a table of dependencies that mean the package `name`.
fn entries<'t>(table: &'t DeTable<'t>, path: &[&str], name: &str) -> Vec<&'t DeValue<'t>> {
    let Some(DeValue::Table(dependencies)) = get(table, path) else {
        return Vec::new();
    };
    let is_it = |called: &str, dependency: &DeValue<'_>| {
        let package = dependency
            .get("package")
            .and_then(|package| package.get_ref().as_str());
        package.unwrap_or(called) == name
    };
    let entries = dependencies
        .iter()
        .map(|(called, dependency)| (called.get_ref(), dependency.get_ref()));
    entries
        .filter(|(called, dependency)| is_it(called, dependency))
        .map(|(_, dependency)| dependency)
        .collect()
}

/// Whether a package has the other under `[dependencies]`, for all targets or for one.
fn depends(manifest: &Path, name: &str) -> bool {
    let text = read(manifest);
    let (root, _) = DeTable::parse_recoverable(&text);
    let root = root.get_ref();
    let targets = match root.get("target").map(|targets| targets.get_ref()) {
        Some(DeValue::Table(targets)) => targets
            .keys()
            .map(|target| target.get_ref().to_string())
            .collect(),
        _ => Vec::new(),
    };
    !entries(root, &["dependencies"], name).is_empty()
        || targets
            .iter()
            .any(|target| !entries(root, &["target", target, "dependencies"], name).is_empty())
}

/// Where a manifest says that a crate lies: as a dependency, of the workspace, or in the place of another.
fn path_of(manifest: &Path, name: &str) -> Option<PathBuf> {
    let text = read(manifest);
    let (root, _) = DeTable::parse_recoverable(&text);
    let root = root.get_ref();
    let mut found = entries(root, &["dependencies"], name);
    found.extend(entries(root, &["workspace", "dependencies"], name));
    if let Some(DeValue::Table(patches)) = root.get("patch").map(|patches| patches.get_ref()) {
        for source in patches.keys() {
            found.extend(entries(root, &["patch", source.get_ref()], name));
        }
    }
    let path = found
        .into_iter()
        .find_map(|entry| entry.get("path")?.get_ref().as_str().map(str::to_owned))?;
    Some(manifest.parent()?.join(path))
}

/// Where Cargo keeps the version that the nearest Cargo.lock names.
fn from_lock(name: &str, start: &Path) -> Option<PathBuf> {
    let lock = start.ancestors().skip(1).map(|folder| folder.join("Cargo.lock"));
    let lock = lock.into_iter().find(|lock| lock.is_file())?;
    let text = read(&lock);
    let (root, _) = DeTable::parse_recoverable(&text);
    let DeValue::Array(packages) = root.get_ref().get("package")?.get_ref() else {
        return None;
    };
    let packages = packages.iter().map(|package| package.get_ref());
    let said = |package: &DeValue<'_>, key: &str| Some(package.get(key)?.get_ref().as_str()?.to_owned());
    let package = packages
        .into_iter()
        .find(|package| said(package, "name").as_deref() == Some(name))?;
    let (version, source) = (said(package, "version")?, said(package, "source"));
    let versioned = format!("{name}-{version}");
    let workspace = lock.parent()?;
    let vendored = [name, &versioned].map(|folder| workspace.join("vendor").join(folder));
    if let Some(folder) = vendored.into_iter().find(|folder| is_package(folder, name)) {
        return Some(folder);
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    match source.as_deref() {
        // A member of the workspace, or a folder beside it that some member names.
        None => below(workspace, 4, &|folder| is_package(folder, name)),
        Some(source) if source.starts_with("git+") => {
            let revision = source.rsplit('#').next().unwrap_or_default().to_owned();
            // Checkouts are called by the first digits of their revision.
            let is_it = |folder: &Path| {
                let revised = folder.ancestors().any(|folder| {
                    let name = folder.file_name().unwrap_or_default().to_string_lossy();
                    name.len() >= 7 && revision.starts_with(&*name)
                });
                revised && is_package(folder, name)
            };
            below(&home.join("git/checkouts"), 6, &is_it)
        }
        Some(_) => {
            let sources = fs::read_dir(home.join("registry/src")).ok()?;
            let folders = sources.filter_map(|source| Some(source.ok()?.path().join(&versioned)));
            folders.into_iter().find(|folder| is_package(folder, name))
        }
    }
}

fn is_package(folder: &Path, name: &str) -> bool {
    package_name(&folder.join("Cargo.toml")).as_deref() == Some(name)
}

/// The first folder below another that is the one; what is built or hidden is passed by.
fn below(folder: &Path, depth: usize, is_it: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    if is_it(folder) {
        return Some(folder.to_path_buf());
    }
    let entries = fs::read_dir(folder).ok().filter(|_| depth > 0)?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.is_dir() && name != "target" && !name.starts_with('.')
        })
        .collect();
    folders.sort();
    folders.iter().find_map(|folder| below(folder, depth - 1, is_it))
}
