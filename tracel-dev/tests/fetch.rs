//! What happens when the library cannot be fetched, with an npm of the test's own: a clear error, a clean cache, and
//! one process at a time.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A machine of its own: a cache, and an npm, or none.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new(npm: Option<&str>) -> Machine {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("a folder");
        if let Some(script) = npm {
            let npm = programs.join("npm");
            fs::write(&npm, format!("#!/bin/sh\n{script}\n")).expect("writes");
            fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).expect("makes it a program");
        }
        Machine { folder }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache/tracel")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracel-dev"));
        let path = format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display());
        command
            .arg(self.folder.path().join("data"))
            .env("PATH", path)
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("LOG", self.folder.path().join("log"))
            .env_remove("TRACEL_LIBCHDB")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// What it says when it fails, as it must.
    fn failure(&self) -> String {
        let output = self.command().stderr(Stdio::piped()).output().expect("runs");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// What is left in the cache but for the lock.
    fn left(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.cache())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        entries.filter(|path| !is_lock(path)).collect()
    }
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lock")
}

#[test]
fn what_npm_says_is_passed_on() {
    let machine = Machine::new(Some(
        "echo 'npm error code ENOTFOUND' >&2; echo 'npm error network down' >&2; exit 1",
    ));
    let text = machine.failure();
    for part in [
        "TRACEL_LIBCHDB: not set",
        "the cache: no ",
        "ENOTFOUND / npm error network down",
        "way out",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(machine.left(), Vec::<PathBuf>::new());
}

#[test]
fn another_tarball_than_the_pinned_one_is_thrown_away() {
    let machine = Machine::new(Some("echo not what you think > chdb-lib.tgz"));
    let text = machine.failure();
    assert!(text.contains("SHA-256") && text.contains("c0d32b12"), "{text}");
    assert_eq!(machine.left(), Vec::<PathBuf>::new());

    let text = Machine::new(Some("exit 0")).failure();
    assert!(text.contains("it gave no tarball"), "{text}");
}

#[test]
fn without_npm_it_says_so() {
    let machine = Machine::new(None);
    let output = machine
        .command()
        .env("PATH", machine.folder.path().join("bin"))
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("npm is not on PATH"), "{text}");
}

#[test]
fn one_process_fetches_and_what_a_killed_one_left_is_removed() {
    let script = "echo begin >> $LOG; sleep 0.5; echo end >> $LOG; echo x > chdb-lib.tgz";
    let machine = Machine::new(Some(script));
    let left = machine.cache().join(".fetch-old");
    fs::create_dir_all(&left).expect("a folder");
    let children: Vec<_> = (0..3)
        .map(|_| machine.command().stderr(Stdio::null()).spawn().expect("starts"))
        .collect();
    for mut child in children {
        assert!(!child.wait().expect("ends").success());
    }
    let log = fs::read_to_string(machine.folder.path().join("log")).expect("the log");
    assert_eq!(log, "begin\nend\n".repeat(3), "two at once");
    assert_eq!(machine.left(), Vec::<PathBuf>::new());
}
