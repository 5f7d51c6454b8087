//! A new user with a shell: writes files, runs commands, and looks at what they print.

use super::compare::{comparable, uuids};
use std::{
    collections::{HashMap, VecDeque},
    env,
    ffi::OsString,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) struct User {
    /// Where commands run; `cd` changes it.
    folder: PathBuf,
    /// For everything that is built, so that the next run builds only what has changed.
    target: PathBuf,
    lock: PathBuf,
    /// The ids of the page, and what they are in this run.
    ids: HashMap<String, String>,
    /// A file that is to be wrong for the next commands, and its right text.
    changed: Option<(PathBuf, String)>,
    /// Two runs at once would share one folder.
    _alone: File,
}

impl User {
    /// In a folder outside the workspace that holds nothing but the checkout, under the name `tracel`. Each checkout has its
    /// own, the same in every run: Cargo takes a crate in another place for another crate.
    pub(crate) fn new(root: &Path) -> Self {
        let mut hasher = DefaultHasher::new();
        root.hash(&mut hasher);
        let folder = env::temp_dir().join(format!("tracel-readme-{:016x}", hasher.finish()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let alone = File::create(folder.join("lock")).expect("a lock file");
        alone.lock().expect("a lock");
        for entry in fs::read_dir(&folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(&path).expect("what an earlier run left is removed");
            }
        }
        let checkout = folder.join("tracel");
        if !checkout.is_symlink() {
            std::os::unix::fs::symlink(root, checkout).expect("a link to the checkout");
        }
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        User {
            folder,
            target: tmp.parent().unwrap_or(tmp).join("readme"),
            lock: root.join("Cargo.lock"),
            ids: HashMap::new(),
            changed: None,
            _alone: alone,
        }
    }

    /// Writes a file of the crate.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Changes a file until [`mend`](Self::mend): the lines after `-` become those after `+`.
    pub(crate) fn change(&mut self, path: &str, difference: &str) {
        let lines = |mark: char| -> String {
            let lines = difference.lines().filter_map(|line| line.strip_prefix(mark));
            lines.map(|line| format!("{line}\n")).collect()
        };
        let path = self.folder.join(path);
        let right = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (old, new) = (lines('-'), lines('+'));
        assert_eq!(
            right.matches(&old).count(),
            1,
            "{} should hold this once:\n{old}",
            path.display()
        );
        self.write(&path.to_string_lossy(), &right.replace(&old, &new));
        self.changed = Some((path, right));
    }

    /// Takes the last change back.
    pub(crate) fn mend(&mut self) {
        if let Some((path, right)) = self.changed.take() {
            self.write(&path.to_string_lossy(), &right);
        }
    }

    /// Runs a command, and holds what it prints to what the page shows. It must succeed, unless a file is wrong.
    pub(crate) fn run(&mut self, command: &str, shown: &[String]) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder.push(folder);
            // The versions that the workspace is tested with, which are on this machine already.
            fs::copy(&self.lock, self.folder.join("Cargo.lock")).expect("the workspace's Cargo.lock");
            return;
        }
        let mut command = command.to_owned();
        for (page, ours) in &self.ids {
            command = command.replace(page, ours);
        }
        if command.starts_with("cargo install ") {
            // Where it does no harm, and at a third of the price.
            let installed = self.target.join("installed");
            command += &format!(" --debug --no-default-features --root '{}'", installed.display());
        }
        let output = self
            .shell(&command)
            .output()
            .unwrap_or_else(|error| panic!("sh: {error}"));
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            output.status.success(),
            self.changed.is_none(),
            "`{command}` ended with {}:\n{printed}",
            output.status
        );
        let mut lines: VecDeque<&str> = printed.lines().collect();
        for wanted in shown {
            let is_it = |line: &&str| comparable(line) == comparable(wanted);
            let at = lines.iter().position(is_it).unwrap_or_else(|| {
                panic!("README.md shows this of `{command}`:\n{wanted}\nbut it printed:\n{printed}")
            });
            for (page, ours) in uuids(wanted).into_iter().zip(uuids(lines[at])) {
                self.ids.insert(page, ours);
            }
            lines.drain(..=at);
        }
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]);
        shell.current_dir(&self.folder);
        // What Cargo tells a test of its package, and what would change what TraceL does.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let of_this_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "TRACEL_"];
            if of_this_package.iter().any(|start| text.starts_with(start)) || text == "OUT_DIR" {
                shell.env_remove(&name);
            }
        }
        let installed = self.target.join("installed/bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let paths: Result<OsString, _> =
            env::join_paths([installed].into_iter().chain(env::split_paths(&path)));
        shell.env("PATH", paths.expect("a PATH"));
        shell.env("CARGO_TARGET_DIR", &self.target);
        shell.env("CARGO_TERM_COLOR", "never");
        shell
    }
}
