//! A folder outside the workspace, where crates are written and Cargo is run, as in repositories of their own.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub(crate) struct Place {
    folder: PathBuf,
    target: PathBuf,
    /// Two runs at once would share one folder.
    _alone: File,
}

impl Place {
    /// Empty, but for what an earlier run built.
    pub(crate) fn new(name: &str) -> Place {
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = tmp.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let alone = File::create(tmp.join(format!("{name}.lock"))).expect("a lock file");
        alone.lock().expect("a lock");
        fs::remove_dir_all(&folder).expect("what an earlier run left is removed");
        fs::create_dir_all(&folder).expect("a folder");
        Place {
            folder,
            // That of the README's test: most of what is built is the same.
            target: tmp.parent().unwrap_or(tmp).join("readme"),
            _alone: alone,
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// What was built: `debug/NAME`.
    pub(crate) fn built(&self, path: &str) -> PathBuf {
        self.target.join(path)
    }

    /// Writes a file, and the folders on its way.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Replaces a text that stands once in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).expect("a file");
        assert_eq!(
            text.matches(old).count(),
            1,
            "{path} should hold this once: {old}"
        );
        self.write(path, &text.replace(old, new));
    }

    /// A crate: its build script has one line, and its manifest is its own workspace's unless it says otherwise.
    pub(crate) fn package(&self, path: &str, manifest: &str, build: &str, source: (&str, &str)) {
        self.write(&format!("{path}/Cargo.toml"), manifest);
        if !build.is_empty() {
            self.write(
                &format!("{path}/build.rs"),
                &format!("fn main() {{\n    {build}\n}}\n"),
            );
        }
        self.write(&format!("{path}/src/{}", source.0), source.1);
    }

    /// A workspace takes the versions of this one, which are on this machine already.
    pub(crate) fn lock(&self, path: &str) {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, self.path(path).join("Cargo.lock")).expect("the workspace's Cargo.lock");
    }

    #[track_caller]
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) {
        let mut git = Command::new("git");
        let identity = [
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@localhost",
            "-c",
            "commit.gpgsign=false",
        ];
        git.args(identity).args(arguments).current_dir(self.path(folder));
        let output = git.output().expect("git runs");
        assert!(output.status.success(), "{}", told(&output));
    }

    pub(crate) fn cargo(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(self.path(folder));
        // What Cargo tells a test of its package, and what would change what TraceL does.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let of_this_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "TRACEL_"];
            if of_this_package.iter().any(|start| text.starts_with(start)) || text == "OUT_DIR" {
                cargo.env_remove(&name);
            }
        }
        cargo
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_NET_GIT_FETCH_WITH_CLI", "true")
            .env_remove("RUSTFLAGS");
        cargo.output().expect("cargo runs")
    }

    /// Runs Cargo, which must succeed, and returns what the program printed.
    #[track_caller]
    pub(crate) fn succeeds(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.cargo(folder, arguments);
        assert!(output.status.success(), "{}", told(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs Cargo, which must fail, and returns what it told.
    #[track_caller]
    pub(crate) fn fails(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.cargo(folder, arguments);
        assert!(
            !output.status.success(),
            "this should not compile: {}",
            told(&output)
        );
        told(&output)
    }

    /// Checks a workspace: which of these packages were compiled anew.
    #[track_caller]
    pub(crate) fn rebuilt(&self, folder: &str, packages: &[&str]) -> Vec<String> {
        let told = self.succeeds(folder, &["check", "--workspace", "--message-format=json"]);
        let mut rebuilt: BTreeMap<&str, bool> = BTreeMap::new();
        for line in told.lines() {
            let message: serde_json::Value = serde_json::from_str(line).expect("Cargo prints JSON");
            if message["reason"] != "compiler-artifact" || message["target"]["kind"][0] == "custom-build" {
                continue;
            }
            let name = message["target"]["name"]
                .as_str()
                .unwrap_or_default()
                .replace('_', "-");
            if let Some(package) = packages.iter().find(|package| **package == name) {
                let fresh = message["fresh"].as_bool().expect("Cargo says what is fresh");
                *rebuilt.entry(package).or_default() |= !fresh;
            }
        }
        assert_eq!(rebuilt.len(), packages.len(), "all are checked: {rebuilt:?}");
        let anew = rebuilt.into_iter().filter(|(_, anew)| *anew);
        anew.map(|(package, _)| package.to_owned()).collect()
    }
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
