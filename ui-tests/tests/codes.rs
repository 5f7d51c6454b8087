//! The examples of every code, as `tracel explain` and docs/errors.md show them: each wrong one is refused with its code, and
//! with no other, and its twin compiles: it is part of this test. The build script puts around them what they leave out.
#![allow(missing_docs, dead_code, unused_variables, unreachable_pub)]

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

mod mended {
    include!(concat!(env!("OUT_DIR"), "/mended.rs"));
}

/// The codes of a compiler's errors; further down it may quote others, with source of ours.
fn codes(text: &str) -> BTreeSet<&str> {
    let errors = text.lines().filter(|line| line.starts_with("error"));
    errors
        .filter_map(|line| line.rsplit_once("[TL")?.1.strip_suffix(']'))
        .collect()
}

#[test]
fn every_wrong_example_is_refused_with_its_code() {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies).expect("a folder for the copies");
    let mut ids = Vec::new();
    for file in fs::read_dir(Path::new(env!("OUT_DIR")).join("wrong")).expect("the examples") {
        let path = file.expect("an example").path();
        let id = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a code")
            .to_owned();
        fs::copy(&path, copies.join(&id).with_extension("rs")).expect("a copy");
        ids.push(id);
    }
    assert!(ids.len() > 25, "{ids:?}");
    ids.sort();
    // Trybuild writes what the compiler says: which codes are in it is looked up here.
    let written = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "write_what_the_compiler_says"])
        .env("TRYBUILD", "overwrite")
        .output()
        .expect("this test runs");
    let told = String::from_utf8_lossy(&written.stdout);
    assert!(
        written.status.success(),
        "the examples could not be compiled:\n{told}"
    );
    let mut faults = String::new();
    for id in &ids {
        let said = fs::read_to_string(copies.join(id).with_extension("stderr")).unwrap_or_default();
        if codes(&said) != BTreeSet::from([id.trim_start_matches("TL")]) {
            faults.push_str(&format!("{id}: the compiler says:\n{said}\n"));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// What a macro says and what the compiler says for it carry codes that are in the table, and each code of the macros has a case.
/// The schema's codes are held so by `tracel-schema/tests/it/diagnostics.rs`.
#[test]
fn every_code_has_a_case_and_every_case_a_code_of_the_table() {
    let folders = ["fail", "orphans/fail", "without", "tokens"]
        .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder of cases"));
    let texts: Vec<String> = files
        .map(|file| file.expect("a case").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "stderr"))
        .map(|path| fs::read_to_string(path).expect("a text"))
        .collect();
    let told: BTreeSet<&str> = texts.iter().flat_map(|text| codes(text)).collect();
    // TL0004 is a fault of ours: `tracel-derive/src/guard.rs` makes one.
    let all = tracel_schema::codes::all().filter_map(|code| code.id.strip_prefix("TL"));
    let of_macros: BTreeSet<&str> = all.filter(|id| id.starts_with('0') && *id != "0004").collect();
    assert_eq!(told, of_macros);
}

#[test]
#[ignore = "run by the test above, with another environment"]
fn write_what_the_compiler_says() {
    trybuild::TestCases::new().compile_fail(Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong/*.rs"));
}
