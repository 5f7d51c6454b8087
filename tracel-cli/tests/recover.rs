//! `tracel recover`, as it is called.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::{
    fs,
    process::{Command, Output},
};

fn recover(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracel"))
        .arg("recover")
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn an_empty_folder_and_a_missing_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    let output = recover(&[at, "--dry-run"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("no dead process"));
    let output = recover(&[at, "--sink", "null:"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("no dead process"));
    let output = recover(&[&format!("{at}/nowhere")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TRACEL_DIR"));
    assert_eq!(
        recover(&[at, "--watch"]).status.code(),
        Some(2),
        "a watch wants a sink"
    );
}

#[test]
fn what_is_no_journal_is_left_alone_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("Payment/01a21367-a718-7978-9303-0e3d207f1e50");
    fs::create_dir_all(&instance).unwrap();
    fs::write(instance.join("journal"), "what is this?").unwrap();
    let output = recover(&[folder.path().to_str().unwrap(), "--sink", "null:"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("no journal") && said.contains("left as it is"),
        "{said}"
    );
    assert_eq!(fs::read(instance.join("journal")).unwrap(), b"what is this?");
}
