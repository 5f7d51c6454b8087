//! A schema's text and those of the schemas that it extends: which there are, and in which order they hold. Where the
//! texts come from, whoever implements [`Bases`] knows; what they say, `parse` and `merge`.

use crate::{
    codes,
    diagnostic::Diagnostics,
    document::{At, Document},
    model::{Place, at},
    parse,
};
use std::path::{Component, Path, PathBuf};

/// One text of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What tells it from all other files, so that one that is reached on two ways counts once.
    pub id: String,
    /// How it is called in messages and in the generated docs.
    pub shown: PathBuf,
    /// What it says.
    pub text: String,
}

/// Where the schemas are found that others extend: on the disk, or wherever a tool has them.
pub trait Bases {
    /// The schema that `name` means in the file `from`: that of a crate, or the file at a path from there on (see
    /// [`is_path`]).
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    fn find(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved>;
}

/// Why a schema that another extends is not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
}

/// Whether an entry of `extends` is a path: it has a `/` or ends in `.toml`. Any other is the name of a crate.
pub fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".toml")
}

/// A path without `.` and, where a folder stands before it, `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// No schema extends another.
pub(crate) struct Alone;

impl Bases for Alone {
    fn find(&mut self, name: &str, _from: &Source) -> Result<Source, Unresolved> {
        Err(Unresolved {
            what: format!("`{name}` cannot be looked up: this schema is compiled alone"),
            way_out: "give what it extends, too".to_owned(),
        })
    }
}

/// All files of a schema; the first is the one that extends the others.
pub(crate) struct Graph {
    pub(crate) files: Vec<Source>,
    /// The file, the name that stands in its `extends`, and the file that this means.
    pub(crate) edges: Vec<(usize, String, usize)>,
    /// The files, each after all that it extends.
    pub(crate) order: Vec<usize>,
    /// What was read of each; with a broken syntax, nothing.
    documents: Vec<Option<Document>>,
    /// Whether one is missing: what depends on it cannot be judged.
    torn: bool,
}

impl Graph {
    /// Loads a schema and all that it extends.
    pub(crate) fn load(root: Source, bases: &mut dyn Bases, found: &mut Diagnostics) -> Graph {
        let mut graph = Graph {
            files: Vec::new(),
            edges: Vec::new(),
            order: Vec::new(),
            documents: Vec::new(),
            torn: false,
        };
        graph.add(root, bases, &mut Vec::new(), found);
        graph
    }

    /// Adds a file and all that it extends; `open` are the files whose bases are being read.
    fn add(
        &mut self,
        source: Source,
        bases: &mut dyn Bases,
        open: &mut Vec<usize>,
        found: &mut Diagnostics,
    ) -> usize {
        let index = self.files.len();
        let (document, errors) = parse::parse(&source.text, index);
        found.append(errors);
        let extends = document
            .as_ref()
            .map_or(Vec::new(), |document| document.extends.clone());
        self.files.push(source);
        self.documents.push(document);
        open.push(index);
        for name in extends {
            if let Some(base) = self.base(&name, index, bases, open, found) {
                self.edges.push((index, name.value, base));
            }
        }
        open.pop();
        self.order.push(index);
        index
    }

    fn base(
        &mut self,
        name: &At<String>,
        from: usize,
        bases: &mut dyn Bases,
        open: &mut Vec<usize>,
        found: &mut Diagnostics,
    ) -> Option<usize> {
        let source = match bases.find(&name.value, &self.files[from]) {
            Ok(source) => source,
            Err(Unresolved { what, way_out }) => {
                found.add(name.spot, &codes::EXTENDS, what, way_out);
                self.torn = true;
                return None;
            }
        };
        let Some(known) = self.files.iter().position(|file| file.id == source.id) else {
            return Some(self.add(source, bases, open, found));
        };
        if let Some(at) = open.iter().position(|index| *index == known) {
            let ring = open[at..].iter().chain([&known]);
            let ring: Vec<String> = ring.map(|index| self.shown(*index)).collect();
            let what = match from == known {
                true => "the schema extends itself".to_owned(),
                false => format!("the schemas extend each other: {}", ring.join(" → ")),
            };
            let way_out = "remove it here: a schema extends only what does not need it";
            found.add(name.spot, &codes::EXTENDS_CYCLE, what, way_out);
            self.torn = true;
            return None;
        }
        Some(known)
    }

    fn shown(&self, index: usize) -> String {
        self.files[index].shown.display().to_string()
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// The documents in their order, unless one could not be read.
    pub(crate) fn documents(&mut self) -> Option<Vec<Document>> {
        let order = std::mem::take(&mut self.order);
        let documents = order.iter().map(|index| self.documents[*index].take()).collect();
        self.order = order;
        documents
    }

    /// How the files are called, and how they stand to each other.
    pub(crate) fn files(&self) -> Files {
        let mut files = Files {
            shown: self.files.iter().map(|file| file.shown.clone()).collect(),
            rank: vec![0; self.files.len()],
            below: vec![Vec::new(); self.files.len()],
        };
        for (rank, index) in self.order.iter().enumerate() {
            files.rank[*index] = rank;
            let mut below = Vec::new();
            for (_, _, base) in self.edges.iter().filter(|(from, ..)| from == index) {
                below.push(*base);
                below.extend(&files.below[*base]);
            }
            files.below[*index] = below;
        }
        files
    }
}

/// What merging and checking know of the files.
pub(crate) struct Files {
    pub(crate) shown: Vec<PathBuf>,
    /// A file has a higher rank than all that it extends.
    rank: Vec<usize>,
    /// What each file extends, directly or not.
    below: Vec<Vec<usize>>,
}

impl Files {
    /// `schema.toml:42`, or of a schema that is extended `acme-schema/schema.toml:42`.
    pub(crate) fn at(&self, place: impl Into<Place>) -> String {
        at(&self.shown, place.into())
    }

    /// Whether the first file comes after the second, which it may extend.
    pub(crate) fn is_over(&self, file: usize, other: usize) -> bool {
        self.rank[file] > self.rank[other]
    }

    /// Whether the first file extends the second, directly or not.
    pub(crate) fn extends(&self, file: usize, other: usize) -> bool {
        self.below[file].contains(&other)
    }

    pub(crate) fn paths(&self) -> Vec<&Path> {
        self.shown.iter().map(PathBuf::as_path).collect()
    }
}
