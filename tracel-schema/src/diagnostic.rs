//! What is wrong with a schema, where, and the way out. How it is found, `parse` and `check` know; how it is shown
//! to the user, `build()` and the command do.

use crate::codes::Code;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One error of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken; `tracel explain` tells more.
    pub code: &'static Code,
    /// The file, as it was named to [`compile`](crate::compile).
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
}

impl fmt::Display for Diagnostic {
    /// `schema.toml:12:8: [TL1201] what is wrong; the way out`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            code,
            file,
            line,
            column,
            what,
            way_out,
        } = self;
        write!(
            f,
            "{}:{line}:{column}: [{}] {what}; {way_out}",
            file.display(),
            code.id
        )
    }
}

/// Where something is written: a file by its index, line and column from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) file: usize,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// All that was found so far: errors are never returned one at a time.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<(Spot, &'static Code, String, String)>,
}

impl Diagnostics {
    pub(crate) fn add(
        &mut self,
        spot: Spot,
        code: &'static Code,
        what: impl Into<String>,
        way_out: impl Into<String>,
    ) {
        self.found.push((spot, code, what.into(), way_out.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether this was found here already.
    pub(crate) fn has(&self, spot: Spot, code: &'static Code) -> bool {
        self.found
            .iter()
            .any(|(at, of, ..)| (*at, of.id) == (spot, code.id))
    }

    /// Takes over all that the other found.
    pub(crate) fn append(&mut self, other: Diagnostics) {
        self.found.extend(other.found);
    }

    /// Takes over what the other found before `end`, but for what stands on a line where something was found already.
    pub(crate) fn add_elsewhere(&mut self, other: Diagnostics, end: Option<Spot>) {
        let lines: Vec<_> = self
            .found
            .iter()
            .map(|(spot, ..)| (spot.file, spot.line))
            .collect();
        self.found.extend(
            other
                .found
                .into_iter()
                .filter(|(spot, ..)| end.is_none_or(|end| *spot < end))
                .filter(|(spot, ..)| !lines.contains(&(spot.file, spot.line))),
        );
    }

    /// Sorted by place.
    pub(crate) fn finish(mut self, files: &[&Path]) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(spot, code, ..)| (*spot, code.id));
        self.found
            .into_iter()
            .map(|(spot, code, what, way_out)| Diagnostic {
                code,
                file: files
                    .get(spot.file)
                    .map_or_else(PathBuf::new, |file| file.to_path_buf()),
                line: spot.line,
                column: spot.column,
                what,
                way_out,
            })
            .collect()
    }
}
