//! Changes to a project's files, held back until all are worked out. It knows no format.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is to be written, and what only a person can do.
#[derive(Debug)]
pub struct Edits {
    root: PathBuf,
    files: Vec<Edit>,
    left: Vec<String>,
}

#[derive(Debug)]
struct Edit {
    path: PathBuf,
    text: String,
    did: Vec<String>,
}

impl Edits {
    pub(super) fn new(root: &Path) -> Self {
        Edits {
            root: root.to_path_buf(),
            files: Vec::new(),
            left: Vec::new(),
        }
    }

    /// A file as messages call it: from the project's folder on.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// A file's text, as it will be; `None` where there is none.
    pub(super) fn read(&self, path: &Path) -> Result<Option<String>, String> {
        if let Some(edit) = self.files.iter().find(|edit| edit.path == path) {
            return Ok(Some(edit.text.clone()));
        }
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Gives a file this text; `did` says what that changes.
    pub(super) fn write(&mut self, path: &Path, text: String, did: impl Into<String>) {
        let did = did.into();
        match self.files.iter_mut().find(|edit| edit.path == path) {
            Some(edit) => {
                edit.text = text;
                edit.did.push(did);
            }
            None => self.files.push(Edit {
                path: path.to_path_buf(),
                text,
                did: vec![did],
            }),
        }
    }

    /// Leaves something to the user: what, and the lines to write.
    pub(super) fn leave(&mut self, what: String) {
        if !self.left.contains(&what) {
            self.left.push(what);
        }
    }

    /// One line a file that is changed: which, and how.
    pub fn changes(&self) -> impl Iterator<Item = String> {
        self.files
            .iter()
            .map(|edit| format!("{}: {}", self.shown(&edit.path), edit.did.join("; ")))
    }

    /// What only a person can do, with the lines to write.
    pub fn left(&self) -> &[String] {
        &self.left
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// The first file that cannot be written, and why; those before it are.
    pub fn apply(&self) -> Result<(), String> {
        for edit in &self.files {
            fs::write(&edit.path, &edit.text)
                .map_err(|error| format!("{} cannot be written: {error}", edit.path.display()))?;
        }
        Ok(())
    }
}
