//! Folders good and bad.

use super::*;
use std::os::unix::fs::PermissionsExt;

fn identity(n: u128) -> Identity {
    Identity {
        instance: Uuid::from_u128(n),
        service: "Pay/ment".into(),
        boot: boot(),
        ..Identity::somebody()
    }
}

fn folder(at: &Path) -> Folder {
    Folder::open(&Place::named(at), "Pay/ment").unwrap()
}

#[test]
fn the_dead_are_found_and_the_living_left_alone() {
    let at = tempfile::tempdir().unwrap();
    let folder = folder(at.path());
    assert_eq!(folder.path(), at.path().join("Pay%2Fment"));
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let (_, living) = folder.begin(&identity(1), Options::default()).unwrap();
    let (instance, dying) = folder.begin(&identity(2), Options::default()).unwrap();
    let readers = ["kafka://a", "http://b"].map(|name| dying.reader_named(name).unwrap());
    fs::create_dir(instance.spool(1)).unwrap();
    assert!(folder.dead(None).0.is_empty());
    drop((readers, dying));
    let (dead, wrong) = folder.dead(Some("Pay/ment"));
    assert!(wrong.is_empty());
    let [dead] = &dead[..] else { panic!("{dead:?}") };
    assert_eq!(dead.instance, instance);
    assert_eq!(dead.spools(), [(1, instance.spool(1))]);
    // While one reads it, no other does.
    assert!(folder.dead(None).0.is_empty());
    let sinks = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    let all = |_| true;
    for (now, heirs) in [
        (["http://b", "kafka://a"], [Some(1), Some(0)]),
        (["http://c", "kafka://a"], [Some(1), Some(0)]),
        (["c", "d"], [Some(0), Some(1)]),
    ] {
        assert_eq!(dead.heirs(&sinks(&now), all), (heirs.to_vec(), vec![]), "{now:?}");
    }
    assert_eq!(
        dead.heirs(&sinks(&["http://b"]), all),
        (vec![Some(1)], vec![(0, "kafka://a".to_owned())])
    );
    assert_eq!(
        dead.heirs(&sinks(&["a", "b", "c"]), all).0,
        [Some(0), Some(1), None]
    );
    // One that has everything keeps nobody waiting, and is nobody's choice before one that lacks something.
    let last = |slot| slot == 1;
    assert_eq!(dead.heirs(&sinks(&["c"]), last), (vec![Some(1)], vec![]));
    assert_eq!(dead.heirs(&sinks(&["http://b"]), last), (vec![Some(1)], vec![]));
    assert_eq!(dead.heirs(&sinks(&["c", "d"]), last).0, [Some(1), Some(0)]);
    dead.instance.remove().unwrap();
    drop(living);
}

#[test]
fn another_services_journal_is_left_alone() {
    let at = tempfile::tempdir().unwrap();
    let folder = folder(at.path());
    drop(folder.begin(&identity(1), Options::default()).unwrap());
    let (dead, wrong) = folder.dead(Some("Ledger"));
    assert!(dead.is_empty());
    let text = wrong[0].to_string();
    assert!(
        text.contains("`Pay/ment`") && text.contains("tracel recover"),
        "{text}"
    );
    assert_eq!(folder.dead(None).0.len(), 1);
}

#[test]
fn folders_that_are_not_fit_name_the_way_out() {
    let at = tempfile::tempdir().unwrap();
    let refused = || {
        Folder::open(&Place::named(at.path()), "s")
            .unwrap_err()
            .to_string()
    };
    fs::create_dir(at.path().join("s")).unwrap();
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(at.path().join("s"), fs::Permissions::from_mode(mode)).unwrap();
        assert!(refused().contains("chmod 700"), "{mode:o}: {}", refused());
    }
    fs::remove_dir(at.path().join("s")).unwrap();
    fs::write(at.path().join("s"), "a file").unwrap();
    assert!(refused().contains("TRACEL_DIR"), "{}", refused());
}

#[test]
fn no_service_is_called_out_of_its_place() {
    for service in ["..", ".", "../../etc", "/etc", ".ssh", "a/../../b", "\0"] {
        let name = name_of(service);
        assert!(
            !name.starts_with('.') && !name.contains(['/', '\0']),
            "{service:?}: {name}"
        );
    }
}

#[test]
fn a_stillborn_instance_is_left_for_a_minute() {
    let at = tempfile::tempdir().unwrap();
    let folder = folder(at.path());
    let stillborn = folder.path().join(Uuid::from_u128(3).to_string());
    fs::create_dir(&stillborn).unwrap();
    fs::write(stillborn.join(UNFINISHED), "half").unwrap();
    assert!(folder.dead(None).0.is_empty());
    assert!(stillborn.exists());
    let file = fs::File::open(&stillborn).unwrap();
    file.set_modified(SystemTime::now() - 2 * BIRTH).unwrap();
    assert!(folder.dead(None).0.is_empty());
    assert!(!stillborn.exists());
}
