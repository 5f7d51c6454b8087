//! Cases compiled by trybuild, and their texts compared, whole or by their codes. Which cases there are, the tests know.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]

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
pub fn named(of: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(of))
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

pub fn rustc_is_exact() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    String::from_utf8_lossy(&version.stdout).contains(EXACT) && env::var_os("TRACEL_UI_CODES").is_none()
}

/// Each case of a folder has its text, and a code in it.
pub fn assert_coded(of: &str) {
    for case in named(of) {
        let golden = fs::read_to_string(folder(of).join(&case).with_extension("stderr"));
        let golden = golden.unwrap_or_else(|error| panic!("{of}/{case}.stderr: {error}"));
        let first_lines = golden.lines().filter(|line| line.starts_with("error"));
        let coded = first_lines.filter(|line| !line.starts_with("error: aborting") && line.contains("[TL"));
        assert!(coded.count() > 0, "{of}/{case}.stderr has no code");
    }
}

/// Compiles copies of the cases, lets trybuild write what the compiler says, and compares the codes in it.
pub fn compare_codes(of: &str, cases: &BTreeSet<String>, environment: impl Fn(&mut Command)) {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join(of);
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies).expect("a folder for the copies");
    for case in cases {
        let name = format!("{case}.rs");
        fs::copy(folder(of).join(&name), copies.join(&name)).expect("a copy");
    }
    compile(&copies.join("*.rs"), |command| {
        environment(command.env("TRYBUILD", "overwrite"));
    });
    for case in cases {
        let read = |folder: &Path| {
            fs::read_to_string(folder.join(case).with_extension("stderr")).expect("an output")
        };
        let (expected, found) = (read(&folder(of)), read(&copies));
        assert_eq!(codes(&expected), codes(&found), "{of}/{case}.rs says:\n{found}");
    }
}

/// Compiles cases in a process of their own, with another environment.
pub fn compile(cases: &Path, environment: impl Fn(&mut Command)) {
    let mut command = Command::new(env::current_exe().expect("this test"));
    command.args(["--exact", "--ignored", "cases::compile_what_is_named"]);
    command.env("TRACEL_UI_CASES", cases);
    environment(&mut command);
    let output = command.output().expect("this test runs");
    assert!(
        output.status.success(),
        "{}: {}{}",
        cases.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[ignore = "run by the tests above, with another environment"]
fn compile_what_is_named() {
    let cases = env::var("TRACEL_UI_CASES").expect("the tests above name them");
    trybuild::TestCases::new().compile_fail(cases);
}
