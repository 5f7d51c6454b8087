//! Starting Cargo, and telling what is done. Every chore goes through here, so that what it runs can be read and repeated.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write},
    path::Path,
    process::Command,
};

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A call of Cargo, by default in the workspace's folder.
pub(crate) struct Cargo {
    command: Command,
    shown: String,
}

impl Cargo {
    /// `cargo` with these arguments.
    pub(crate) fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(root());
        let mut shown = "cargo".to_owned();
        for argument in arguments {
            shown.push(' ');
            shown.push_str(&argument.as_ref().to_string_lossy());
            command.arg(argument);
        }
        Cargo { command, shown }
    }

    /// Runs it in this folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        if !value.is_empty() {
            self.shown = format!("{name}={value} {}", self.shown);
        }
        self
    }

    /// Runs it, its output going where ours goes. Returns whether it succeeded.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn run(mut self) -> Result<bool, String> {
        say(&format!("$ {}", self.shown));
        let status = self.command.status().map_err(|error| self.cannot(&error))?;
        Ok(status.success())
    }

    /// Runs it and returns what it printed on stdout.
    ///
    /// # Errors
    /// When it cannot be started or fails; what it said on stderr is told.
    pub(crate) fn output(mut self) -> Result<String, String> {
        let output = self.command.output().map_err(|error| self.cannot(&error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} failed:\n{said}", self.shown));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn cannot(&self, error: &io::Error) -> String {
        format!("{} cannot be started: {error}", self.shown)
    }
}

/// Tells on stderr. When that fails there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
