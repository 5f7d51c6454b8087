//! A crate outside of this workspace whose build is measured, with a target folder of its own.

use crate::command::{Cargo, root};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

pub(crate) struct Subject {
    folder: TempDir,
    target: PathBuf,
}

impl Subject {
    /// A package of this name with these dependencies, in the versions that this workspace is tested with. It has no source yet.
    pub(crate) fn new(name: &str, dependencies: &str) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| format!("no temporary folder: {error}"))?;
        let target = folder.path().join("target");
        let subject = Subject { folder, target };
        subject.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}\n"
            ),
        )?;
        // Cargo asks for some source; the caller writes its own over it.
        subject.write("src/lib.rs", "")?;
        let lock = root().join("Cargo.lock");
        let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
        subject.write("Cargo.lock", &lock)?;
        // Downloads are no part of a build.
        match subject.cargo("fetch").run()? {
            true => {
                let path = subject.path("src/lib.rs");
                fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(subject)
            }
            false => Err(format!("the dependencies of {name} cannot be fetched")),
        }
    }

    /// Built in another's folder, with what was built there.
    pub(crate) fn sharing(self, target: &Path) -> Self {
        let target = target.to_owned();
        Subject { target, ..self }
    }

    /// A file of the package.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Where its builds are.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes a file of the package.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.path(path);
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        parent
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Removes all that was built.
    pub(crate) fn clean(&self) -> Result<(), String> {
        match self.target.exists() {
            true => fs::remove_dir_all(&self.target)
                .map_err(|error| format!("{}: {error}", self.target.display())),
            false => Ok(()),
        }
    }

    /// Cargo, in the package's folder.
    pub(crate) fn cargo(&self, arguments: &str) -> Cargo {
        Cargo::new(arguments.split(' '))
            .within(self.folder.path())
            .env("CARGO_TARGET_DIR", &self.target.to_string_lossy())
            // What is built again is built whole, and not taken from a compiler's cache.
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTC_WRAPPER", "")
    }
}
