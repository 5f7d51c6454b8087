//! Bad disks for the journal's file. Each has one outcome: an error of the start that says the way out, or a note on stderr
//! and a service that goes on. File systems are mounted for it, which takes root.
#![allow(missing_docs)]

use nix::mount::{MsFlags, mount, umount};
use std::{collections::BTreeSet, fs, os::unix::process::ExitStatusExt, path::Path, process::Command};
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
fn a_folder_in_memory_that_nobody_has_named_is_an_error_for_the_network() {
    let Some(memory) = Mounted::new("tmpfs", "size=64m") else {
        return;
    };
    let ended = Command::new(env!("CARGO_BIN_EXE_service"))
        .env_remove("TRACEL_DIR")
        .env("XDG_STATE_HOME", memory.path())
        .env("TRACEL_SINK", "http://127.0.0.1:9/")
        .output()
        .expect("the service runs");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "{said}");
    assert!(
        said.contains("lies in memory") && said.contains("TRACEL_DIR"),
        "{said}"
    );
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

/// The numbers of what a thread said to have logged.
fn of(all: &BTreeSet<(u64, u64)>, thread: u64) -> BTreeSet<(u64, u64)> {
    all.iter().copied().filter(|(by, _)| *by == thread).collect()
}

#[test]
fn a_journal_that_is_cut_while_the_service_runs_ends_it_unless_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let ended = company(folder.path(), &format!("file://{}", log.display()), "cut unasked");
    assert_eq!(ended.status.signal(), Some(7), "{}: {}", ended.status, ended.said);
}

#[test]
fn a_journal_that_is_cut_while_the_service_runs_is_survived_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let ended = company(folder.path(), &format!("file://{}", log.display()), "cut").well();
    assert_eq!(ended.said.matches("(SIGBUS)").count(), 1, "{}", ended.said);
    let promised = promised(&ended.out);
    let delivered = delivered(&log);
    for thread in [10, 11] {
        let after = of(&promised, thread);
        assert!(after.len() > 500, "{}: {}", after.len(), ended.said);
        hold(&after, &delivered, "after the cut");
    }
    // Of what was logged before, no more is missing than was not delivered at that moment.
    let came: BTreeSet<(u64, u64)> = delivered
        .iter()
        .filter_map(|record| {
            let metadata = &record["metadata"];
            Some((metadata["attempt"].as_u64()?, metadata["amount"].as_u64()?))
        })
        .collect();
    for thread in [0, 1] {
        let before = of(&promised, thread);
        let lost = before.difference(&came).count();
        assert!(lost < before.len() / 2, "{lost} of {}", before.len());
        // They lie together: what was in the journal when it was cut.
        let missing: Vec<u64> = before.difference(&came).map(|(_, n)| *n).collect();
        assert!(
            missing.windows(2).all(|pair| pair[0] + 1 == pair[1]),
            "{missing:?}"
        );
    }
    // Two lives: the journal that was cut, and the one that went on, of which nothing is left either.
    let lives: BTreeSet<String> = delivered
        .iter()
        .map(|record| record["instance"].to_string())
        .collect();
    assert_eq!(lives.len(), 2);
    assert_eq!(
        fs::read_dir(folder.path().join("Payment")).unwrap().count(),
        0,
        "{}",
        ended.said
    );
}

#[test]
fn other_faults_go_where_they_went_before() {
    let folder = tempfile::tempdir().unwrap();
    let log = format!("file://{}", folder.path().join("log.ndjson").display());
    for what in ["fault", "bus"] {
        let ended = company(folder.path(), &log, what);
        assert_eq!(ended.status.signal(), Some(7), "{what}: {}", ended.status);
    }
    let ended = company(folder.path(), &log, "fault handled");
    assert_eq!(ended.status.code(), Some(42), "{}", ended.status);
    assert!(ended.out.ends_with("9 9\n"), "{}", ended.out);
}
