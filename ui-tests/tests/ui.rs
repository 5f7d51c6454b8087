//! Every case of `fail/` says what is wrong. That its twin in `pass/` compiles, `tests/pass.rs` shows.
//!
//! With rustc 1.95 the whole text is compared (`TRYBUILD=overwrite cargo test -p ui-tests` writes it anew); another
//! rustc words its own part differently, so there the codes alone are.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const EXACT: &str = "1.95.";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names of the cases in a folder.
fn cases(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder)
        .expect("a folder of cases")
        .map(|file| file.expect("a file").path());
    let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    sources
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

/// The codes in a compiler's text, in their order.
fn codes(stderr: &str) -> Vec<&str> {
    let ends = stderr
        .match_indices("[TL")
        .filter_map(|(at, _)| stderr.get(at + 1..at + 7));
    ends.collect()
}

fn rustc_is_exact() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    String::from_utf8_lossy(&version.stdout).contains(EXACT) && env::var_os("TRACEL_UI_CODES").is_none()
}

#[test]
fn every_mistake_has_its_twin_and_its_code() {
    let (fail, pass) = (cases(&folder("fail")), cases(&folder("pass")));
    assert_eq!(fail, pass);
    for case in &fail {
        let golden = fs::read_to_string(folder("fail").join(case).with_extension("stderr"));
        let golden = golden.unwrap_or_else(|error| panic!("fail/{case}.stderr: {error}"));
        let first_lines = golden.lines().filter(|line| line.starts_with("error"));
        let coded = first_lines.filter(|line| !line.starts_with("error: aborting") && line.contains("[TL"));
        assert!(
            coded.count() > 0 || case == "literal_out_of_range",
            "fail/{case}.stderr has no code"
        );
    }
}

#[test]
fn mistakes_are_refused() {
    if rustc_is_exact() {
        trybuild::TestCases::new().compile_fail("fail/*.rs");
    } else {
        compare_codes();
    }
}

/// Compiles copies of the cases, lets trybuild write what the compiler says, and compares the codes in it.
fn compare_codes() {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fail");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies).expect("a folder for the copies");
    for case in cases(&folder("fail")) {
        let name = format!("{case}.rs");
        fs::copy(folder("fail").join(&name), copies.join(&name)).expect("a copy");
    }
    let written = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "write_what_the_compiler_says"])
        .env("TRYBUILD", "overwrite")
        .status();
    assert!(
        written.is_ok_and(|status| status.success()),
        "the cases could not be compiled"
    );
    for case in cases(&copies) {
        let read = |folder: &Path| {
            fs::read_to_string(folder.join(&case).with_extension("stderr")).expect("an output")
        };
        let (expected, found) = (read(&folder("fail")), read(&copies));
        assert_eq!(codes(&expected), codes(&found), "fail/{case}.rs says:\n{found}");
    }
}

#[test]
#[ignore = "run by the test above, with another environment"]
fn write_what_the_compiler_says() {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fail/*.rs");
    trybuild::TestCases::new().compile_fail(copies);
}
