//! Processes that die. Whatever a log macro had accepted arrives after the next start: every number that the process wrote
//! down once the call had returned, without a gap in (instance, lane, seq).
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the threads that read pipes serve no request"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    io::Read,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};
use tracel_cli::replay::source::Source;
use tracel_tests::promise::{delivered, hold, promised};
use uuid::Uuid;

/// How often the flood is killed. `TRACEL_TEST_KILLS` makes it more.
const KILLS: u64 = 100;

fn worker(folder: &Path, sink: &str, what: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command.arg(folder).arg(sink).arg(what).stdin(Stdio::null());
    for name in [
        "TRACEL_SINK",
        "TRACEL_DIR",
        "TRACEL_LOG",
        "TRACEL_ON_FULL",
        "TRACEL_SPOOL",
    ] {
        command.env_remove(name);
    }
    command
}

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// Starts the service again, which delivers what is left; nothing is left then.
fn recover(folder: &Path, log: &Path, what: &str) {
    let output = worker(folder, &sink(log, false), "recover")
        .output()
        .expect("the service runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{what}: {said}");
    // A process that died before it had a journal has left nothing; its folder is cleared up later.
    let journals = fs::read_dir(folder.join("Payment")).unwrap().flatten();
    let left: Vec<_> = journals
        .map(|entry| entry.path().join("journal"))
        .filter(|path| path.exists())
        .collect();
    assert!(left.is_empty(), "{what}: {left:?} is left; {said}");
}

/// What it prints until it ends, read beside it: a full pipe would stop it.
fn reading(child: &mut Child) -> JoinHandle<String> {
    let mut out = child.stdout.take().expect("a pipe");
    thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).expect("text");
        text
    })
}

/// One that takes all into `log`, or one that is away, so that the disk fills.
fn sink(log: &Path, is_down: bool) -> String {
    match is_down {
        true => "down:".to_owned(),
        false => format!("file://{}", log.display()),
    }
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    let seed = number("TRACEL_TEST_SEED", 0x5eed);
    println!("TRACEL_TEST_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut all = 0;
    for kill in 0..number("TRACEL_TEST_KILLS", KILLS) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.ndjson");
        let is_down = kill % 2 == 1;
        let sink = sink(&log, is_down);
        let what = format!("kill {kill} ({sink})");
        let mut child = worker(folder.path(), &sink, "flood")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = reading(&mut child);
        thread::sleep(Duration::from_millis(
            random.u64(30..if is_down { 400 } else { 150 }),
        ));
        child.kill().unwrap();
        child.wait().unwrap();
        let promised = promised(&told.join().unwrap());
        all += promised.len();
        recover(folder.path(), &log, &what);
        hold(&promised, &delivered(&log), &what);
    }
    println!("{all} records were promised, and all arrived");
    assert!(all > 10_000, "{all}: the kills came before anything was logged");
}

#[test]
fn however_a_process_ends_it_loses_nothing() {
    for how in ["abort", "overflow", "exit", "panic", "end"] {
        for is_down in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("log.ndjson");
            let sink = sink(&log, is_down);
            let what = format!("{how} ({sink})");
            let mut child = worker(folder.path(), &sink, how)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let promised = promised(&reading(&mut child).join().unwrap());
            let status = child.wait().unwrap();
            assert_eq!(status.success(), how == "end", "{what}: {status}");
            assert_eq!(promised.len(), 2000, "{what}");
            recover(folder.path(), &log, &what);
            hold(&promised, &delivered(&log), &what);
        }
    }
}

/// What the kernel does to a group that has no memory left: all of it is killed at once.
#[test]
fn a_group_that_is_killed_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let mut child = worker(folder.path(), "down:", "flood")
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let told = reading(&mut child);
    thread::sleep(Duration::from_millis(200));
    let group = format!("-{}", child.id());
    assert!(
        Command::new("kill")
            .args(["-KILL", "--", &group])
            .status()
            .unwrap()
            .success()
    );
    child.wait().unwrap();
    let promised = promised(&told.join().unwrap());
    recover(folder.path(), &log, "the group");
    hold(&promised, &delivered(&log), "the group");
}

/// A recovery that is killed is gone on with by the next one: nothing is lost, and nothing is left.
#[test]
fn a_recovery_that_is_killed_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let file = sink(&log, false);
    let mut child = worker(folder.path(), "down:", "flood")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = reading(&mut child);
    thread::sleep(Duration::from_millis(700));
    child.kill().unwrap();
    child.wait().unwrap();
    let promised = promised(&told.join().unwrap());
    for kill in 0..20 {
        let mut child = worker(folder.path(), &file, "recover").spawn().unwrap();
        thread::sleep(Duration::from_millis(5 + 2 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    recover(folder.path(), &log, "the last recovery");
    hold(&promised, &delivered(&log), "recoveries");
}

/// Whoever asks for a request while its process's journal waits for a recovery, sees it, and takes nothing from it.
#[test]
fn what_a_dead_process_left_is_replayed_before_it_is_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let output = worker(folder.path(), "down:", "abort").output().unwrap();
    let promised = promised(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(promised.len(), 2000);
    let path = folder.path().to_str().unwrap();
    for _ in 0..2 {
        let mut damaged = Vec::new();
        let records = Source::new(path)
            .and_then(|source| source.records(Uuid::nil(), &mut |line| damaged.push(line.to_owned())))
            .expect("the journal can be read");
        assert!(damaged.is_empty(), "{damaged:?}");
        let seen: BTreeSet<Uuid> = records
            .iter()
            .filter(|record| record.text("message") == "one of many")
            .map(|record| record.uuid)
            .collect();
        assert_eq!(seen.len(), 2000);
    }
    recover(folder.path(), &log, "after the replay");
    hold(&promised, &delivered(&log), "after the replay");
    let emptied = tempfile::tempdir().unwrap();
    let Err(error) = Source::new(emptied.path().to_str().unwrap()) else {
        panic!("there is nothing in it");
    };
    assert!(error.contains("no journal"), "{error}");
}

/// Two processes of one service share the folder; neither takes the other's, and both deliver all.
#[test]
fn two_processes_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let file = sink(&log, false);
    let mut children: Vec<Child> = (0..4)
        .map(|_| {
            worker(folder.path(), &file, "end")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut children {
        assert_eq!(promised(&reading(child).join().unwrap()).len(), 2000);
        assert!(child.wait().unwrap().success());
    }
    let records = delivered(&log);
    let ours = records.iter().filter(|record| record["message"] == "one of many");
    let ids: BTreeSet<_> = ours.map(|record| record["uuid"].to_string()).collect();
    assert_eq!(ids.len(), 8000);
    let left = fs::read_dir(folder.path().join("Payment")).unwrap().count();
    assert_eq!(left, 0);
}

/// `tracel recover` needs no service: it tells what is there, and delivers it.
#[test]
fn the_command_recovers_what_dead_services_left() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let file = sink(&log, false);
    let mut child = worker(folder.path(), "down:", "abort")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let promised = promised(&reading(&mut child).join().unwrap());
    child.wait().unwrap();
    let found = || tracel::recover::find(folder.path()).unwrap();
    let (left, wrong) = found();
    assert!(wrong.is_empty());
    assert_eq!((left.len(), left[0].service()), (1, "Payment"));
    let open = left[0].open().unwrap();
    assert_eq!(open[0].sink, "down:");
    assert!(open[0].in_journal + open[0].spooled >= 2000, "{open:?}");

    let recovery = tracel::recover::Recovery::to(&[file.parse().unwrap()], folder.path()).unwrap();
    for left in left {
        assert!(
            recovery.deliver(left).is_empty(),
            "the one sink stands for the other"
        );
    }
    assert!(recovery.flush(Duration::from_secs(60)));
    assert!(found().0.is_empty());
    let records = delivered(&log);
    hold(&promised, &records, "recover");
    let closing: Vec<_> = records
        .iter()
        .filter(|record| record["metadata"]["tracel_end"] == "recovered")
        .collect();
    assert_eq!(closing.len(), 1, "the instance is closed by a census");
}
