//! Bad disks for the journal's file. Each has one outcome: an error of the start that says the way out, or a note on stderr
//! and a service that goes on. File systems are mounted for it, which takes root.
#![allow(missing_docs)]

use nix::mount::{MsFlags, mount, umount};
use std::{fs, os::unix::process::ExitStatusExt, path::Path, process::Command};
use tracel_tests::promise::{Ended, delivered, hold, promised, run};

/// A file system that is there while this lives.
struct Mounted(tempfile::TempDir);

impl Mounted {
    /// `None`, and loudly, where this user may not mount.
    fn new(kind: &str, options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = mount(
            Some("none"),
            folder.path(),
            Some(kind),
            MsFlags::empty(),
            Some(options),
        );
        if let Err(error) = mounted {
            assert!(
                std::env::var_os("TRACEL_REQUIRE_SERVERS").is_none(),
                "a {kind} cannot be mounted: {error}"
            );
            #[allow(clippy::print_stderr, reason = "whoever runs the tests is to see it")]
            {
                eprintln!("NOT TESTED: a {kind} cannot be mounted: {error}");
            }
            return None;
        }
        Some(Mounted(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        umount(self.0.path()).expect("nobody uses it");
    }
}

fn company(folder: &Path, sink: &str, what: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_company"));
    command.arg(folder).arg(sink).arg(what);
    run(command, what)
}

#[test]
fn a_disk_that_is_full_at_the_start_is_an_error_for_the_network() {
    let Some(disk) = Mounted::new("tmpfs", "size=4m") else {
        return;
    };
    let ended = company(disk.path(), "http://127.0.0.1:9/", "plain");
    assert!(!ended.status.success());
    assert!(
        ended.said.contains("the journal's file cannot be made"),
        "{}",
        ended.said
    );
    assert!(ended.said.contains("make room"), "{}", ended.said);
    // Nothing is left in the way of the next start.
    assert_eq!(fs::read_dir(disk.path().join("Payment")).unwrap().count(), 0);
}

#[test]
fn a_disk_that_is_full_at_the_start_is_a_note_for_a_file() {
    let Some(disk) = Mounted::new("tmpfs", "size=4m") else {
        return;
    };
    let log = disk.path().join("log.ndjson");
    let ended = company(disk.path(), &format!("beside:file://{}", log.display()), "plain").well();
    assert!(ended.said.contains("the journal is in memory"), "{}", ended.said);
    let promised = promised(&ended.out);
    assert_eq!(promised.len(), 100);
    hold(&promised, &delivered(&log), "a full disk");
}

#[test]
fn a_folder_that_is_read_only_is_an_error_for_the_network() {
    let Some(disk) = Mounted::new("tmpfs", "size=64m,ro") else {
        return;
    };
    let ended = company(disk.path(), "http://127.0.0.1:9/", "plain");
    assert!(!ended.status.success());
    assert!(ended.said.contains("TRACEL_DIR"), "{}", ended.said);
    assert!(ended.said.contains("Read-only file system"), "{}", ended.said);
}

#[test]
fn a_disk_that_fills_while_a_sink_is_away_costs_the_newest_and_counts_them() {
    // The journal has 16 MiB of it.
    let Some(disk) = Mounted::new("tmpfs", "size=20m") else {
        return;
    };
    let ended = company(disk.path(), "down:", "full").well();
    assert!(ended.said.contains("No space left on device"), "{}", ended.said);
    assert!(ended.said.contains("records were lost"), "{}", ended.said);
}

#[test]
fn a_file_system_without_fallocate_will_do() {
    let Some(disk) = Mounted::new("ramfs", "mode=700") else {
        return;
    };
    let other = tempfile::tempdir().unwrap();
    let log = other.path().join("log.ndjson");
    let ended = company(disk.path(), "down:", "killed");
    assert_eq!(ended.status.signal(), Some(6), "{}: {}", ended.status, ended.said);
    company(disk.path(), &format!("file://{}", log.display()), "plain").well();
    let promised = promised(&ended.out);
    assert_eq!(promised.len(), 1000);
    hold(&promised, &delivered(&log), "without fallocate");
}

#[test]
fn a_folder_that_is_removed_while_the_service_runs_is_told_and_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let ended = company(folder.path(), &format!("file://{}", log.display()), "removed").well();
    let told = ended
        .said
        .matches("somebody has removed the journal's file")
        .count();
    assert_eq!(told, 1, "{}", ended.said);
    let promised = promised(&ended.out);
    assert_eq!(promised.len(), 200);
    hold(&promised, &delivered(&log), "removed");
}
