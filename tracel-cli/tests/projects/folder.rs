//! A folder outside of this workspace, with files, in which Cargo and `tracel` run.

use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Two runs at once would share one folder.
    _alone: File,
}

/// What a command printed, and whether it succeeded.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Ran {
    /// What it printed on stdout; it must have succeeded.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(
            self.code,
            Some(0),
            "it printed:\n{}\nand on stderr:\n{}",
            self.out,
            self.errors
        );
        self.out
    }
}

/// The checkout.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the workspace")
}

impl Folder {
    /// An empty one. Each checkout has its own of a name, the same in every run: Cargo takes a package in another place for
    /// another package.
    pub(crate) fn new(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        root().hash(&mut hasher);
        let all = env::temp_dir().join(format!("tracel-projects-{:016x}", hasher.finish()));
        fs::create_dir_all(&all).expect("a temporary folder");
        let alone = File::create(all.join(format!("{name}.lock"))).expect("a lock file");
        alone.lock().expect("a lock");
        let path = all.join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        let folder = Folder { path, _alone: alone };
        folder.lock_versions("");
        folder
    }

    /// The versions of this workspace, which are on this machine already, for the package in `at`.
    pub(crate) fn lock_versions(&self, at: &str) {
        let lock = self.path.join(at).join("Cargo.lock");
        fs::copy(root().join("Cargo.lock"), lock).expect("the workspace's Cargo.lock");
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        let parent = path.parent().expect("a folder");
        fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let path = self.path.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs Cargo in the folder `at`.
    pub(crate) fn cargo(&self, at: &str, arguments: &[&str]) -> Ran {
        self.run(at, env!("CARGO"), arguments)
    }

    /// Runs `tracel` in the folder `at`.
    pub(crate) fn tracel(&self, at: &str, arguments: &[&str]) -> Ran {
        self.run(at, env!("CARGO_BIN_EXE_tracel"), arguments)
    }

    fn run(&self, at: &str, program: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path.join(at));
        // What Cargo tells a test of its package, and what would change what is built.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let starts = [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CLIPPY_",
                "TRACEL_",
            ];
            let whole = [
                "OUT_DIR",
                "RUSTFLAGS",
                "CARGO_ENCODED_RUSTFLAGS",
                "CARGO_BUILD_TARGET",
            ];
            if starts.iter().any(|start| text.starts_with(start)) || whole.contains(&&*text) {
                command.env_remove(&name);
            }
        }
        // That of the README's test: most of what is built is the same.
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        command.env("CARGO_TARGET_DIR", tmp.parent().unwrap_or(tmp).join("readme"));
        command.env("CARGO", env!("CARGO"));
        command.env("CARGO_NET_OFFLINE", "true");
        command.env("CARGO_TERM_COLOR", "never");
        command.env("CARGO_INCREMENTAL", "0");
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            code: output.status.code(),
            out: text(&output.stdout),
            errors: text(&output.stderr),
        }
    }

    /// What clippy says in the folder `at`, once each: the compiler's own messages, as JSON.
    pub(crate) fn clippy(&self, at: &str, arguments: &[&str]) -> Vec<Said> {
        let mut all = vec!["clippy", "--all-targets", "--message-format=json"];
        all.extend(arguments);
        let ran = self.cargo(at, &all);
        let mut said: Vec<Said> = ran.out.lines().filter_map(Said::read).collect();
        said.sort();
        said.dedup();
        assert!(
            ran.code == Some(0) || !said.is_empty(),
            "cargo clippy failed:\n{}",
            ran.errors
        );
        said
    }
}

/// One message of the compiler.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    pub(crate) file: String,
    pub(crate) line: u64,
    /// `clippy::disallowed_macros`; empty for what has no code.
    pub(crate) lint: String,
    pub(crate) level: String,
    /// The whole text, as a terminal shows it.
    pub(crate) text: String,
}

impl Said {
    fn read(line: &str) -> Option<Said> {
        let json: serde_json::Value = serde_json::from_str(line).ok()?;
        // The checkout is a path dependency, whose own warnings Cargo tells too.
        if json["package_id"].as_str()?.contains(&*root().to_string_lossy()) {
            return None;
        }
        let message = json.get("message")?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let span = message["spans"]
            .as_array()?
            .iter()
            .find(|span| span["is_primary"] == true);
        // Without a place it is a summary: "3 warnings emitted".
        let span = span?;
        Some(Said {
            file: text(&span["file_name"]),
            line: span["line_start"].as_u64().unwrap_or_default(),
            lint: text(&message["code"]["code"]),
            level: text(&message["level"]),
            text: text(&message["rendered"]),
        })
    }
}
