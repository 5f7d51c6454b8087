//! A process that has too much open to read what it has on disk: a child, since what may be open is the process's.

use super::*;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::process::Command;

const FOLDER: &str = "TRACEL_TOO_MUCH_OPEN";

#[test]
fn nothing_goes_ahead_of_what_cannot_be_read_just_now() {
    let folder = tempfile::tempdir().unwrap();
    let name = "shipper::tests::files::has_too_much_open";
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the test above runs it"]
fn has_too_much_open() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let journal = spilling::patient(16);
    let (sink, got, gate) = spilling::gated(spilling::small());
    let (options, reports) = spilling::spooling(folder.as_ref(), 1 << 30);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..20_000);
    let whole = getrlimit(Resource::Nofile);
    let mut none = whole;
    none.current = Some(0);
    setrlimit(Resource::Nofile, none).unwrap();
    gate.store(true, Relaxed);
    push(&journal, 20_000..20_010);
    let told = || {
        reports
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("cannot be read now"))
    };
    let until = soon();
    while !told() {
        assert!(Instant::now() < until, "{reports:?}");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(100));
    setrlimit(Resource::Nofile, whole).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..20_010).collect::<Vec<_>>());
    assert!(shipper.stop(soon()));
}
