//! The schemas that one extends, as a build script finds them: files on the disk, and what Cargo hands over of a
//! package's direct dependencies. What they say is not known here.

use super::{
    Unreadable,
    dependency::{self, Listed},
    read_text,
};
use crate::{Bases, Published, Source, Unresolved, is_path, nearest::nearest, normal};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// How the variables begin that Cargo makes of what [`publish`](super::publish) tells it.
const PREFIX: &str = "DEP_TRACEL_SCHEMA_";

pub(super) struct OnDisk {
    package: String,
    manifest: PathBuf,
    /// The crates that publish a schema, each with what it published.
    crates: Vec<(String, PathBuf)>,
    /// What was read of them.
    published: Vec<Published>,
    /// The files that Cargo must watch.
    pub(super) watched: Vec<PathBuf>,
}

impl OnDisk {
    /// For the package in `manifest_dir`; `variables` is the build script's environment.
    pub(super) fn new(
        package: String,
        manifest_dir: &Path,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> OnDisk {
        let mut told: Vec<(String, OsString)> = variables
            .filter_map(|(name, value)| Some((name.to_str()?.strip_prefix(PREFIX)?.to_owned(), value)))
            .collect();
        told.sort();
        let of = |name: &str| {
            let mut told = told.iter();
            told.find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        let crates = told.iter().filter_map(|(name, value)| {
            let links = name.strip_suffix("_PACKAGE")?;
            let published = of(&format!("{links}_PUBLISHED"))?;
            Some((value.to_str()?.to_owned(), PathBuf::from(published)))
        });
        OnDisk {
            package,
            manifest: manifest_dir.join("Cargo.toml"),
            crates: crates.collect(),
            published: Vec::new(),
            watched: Vec::new(),
        }
    }

    /// Whether a file was published by a crate.
    pub(super) fn is_published(&self, file: &Source) -> bool {
        self.published.iter().any(|published| published.holds(&file.id))
    }

    /// A file of the disk: its id is where it really is.
    pub(super) fn file(&mut self, path: &Path, shown: PathBuf) -> Result<Source, Unreadable> {
        let text = read_text(path)?;
        self.watched.push(path.to_path_buf());
        let id = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        Ok(Source {
            id: id.to_string_lossy().into_owned(),
            shown,
            text,
        })
    }

    fn by_path(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        let beside = |path: &Path| normal(&path.parent().unwrap_or(Path::new("")).join(name));
        let path = beside(Path::new(&from.id));
        let folder = path.is_dir();
        self.file(&path, beside(&from.shown)).map_err(|error| Unresolved {
            what: error.to_string(),
            way_out: match folder {
                true => format!(
                    "name the file in it: \"{}/schema.toml\"",
                    name.trim_end_matches('/')
                ),
                false => "mend the path, which begins at the folder of this file".to_owned(),
            },
        })
    }

    fn by_crate(&mut self, name: &str) -> Result<Source, Unresolved> {
        let Some((_, path)) = self.crates.iter().find(|(package, _)| package == name) else {
            return Err(self.missing(name));
        };
        let path = path.clone();
        let unreadable = |error: String| Unresolved {
            what: format!(
                "what `{name}` published in {} cannot be read: {error}",
                path.display()
            ),
            way_out: "let this package and that one use one version of tracel-schema, and build again"
                .to_owned(),
        };
        let text = read_text(&path).map_err(|error| unreadable(error.to_string()))?;
        let published =
            Published::read(&text).map_err(|error| unreadable(error.to_string().replace(';', ",")))?;
        self.watched.push(path.clone());
        let root = published.root().cloned();
        self.published.push(published);
        root.ok_or_else(|| unreadable("it is empty".to_owned()))
    }

    /// Why Cargo told nothing of this crate.
    fn missing(&self, name: &str) -> Unresolved {
        let package = &self.package;
        let (what, way_out) = match dependency::find(&self.manifest, name) {
            Listed::Nowhere => {
                let published = self.crates.iter().map(|(package, _)| package.as_str());
                let near = nearest(name, published).map(|near| format!("did you mean `{near}`? If not, "));
                (
                    format!("`{name}` is no direct dependency of `{package}`"),
                    format!(
                        "{}add it under [dependencies] in Cargo.toml: Cargo hands a schema on to direct dependents alone",
                        near.unwrap_or_default()
                    ),
                )
            }
            Listed::Otherwise(table) => (
                format!("`{name}` stands under [{table}] of `{package}`, from where no schema comes"),
                "move it to [dependencies] in Cargo.toml".to_owned(),
            ),
            Listed::Dependency { optional } => (
                format!("`{name}` is a dependency of `{package}`, and publishes no schema"),
                format!(
                    "{}let its Cargo.toml say `links = \"tracel_schema_..\"`, and its build.rs `fn main() {{ \
                     tracel_schema::publish() }}`",
                    match optional {
                        true => "enable its feature, for it is optional, or ",
                        false => "",
                    }
                ),
            ),
        };
        Unresolved { what, way_out }
    }
}

impl Bases for OnDisk {
    fn find(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        let inside = self.published.iter().find(|published| published.holds(&from.id));
        match inside {
            Some(published) => published.base(name, &from.id).cloned().ok_or_else(|| Unresolved {
                what: format!("`{name}` was not published with it"),
                way_out: "build again".to_owned(),
            }),
            None if is_path(name) => self.by_path(name, from),
            None => self.by_crate(name),
        }
    }
}
