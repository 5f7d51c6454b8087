//! An existing workspace is taken over with `init --baseline`: what stands there fails no build, and `check --baseline` fails
//! for what is added, under whatever name.

use crate::folder::{Folder, Ran, root};
use std::path::Path;

const PAY: &str = "\
use log::info as say;
pub fn pay() {
    say!(\"one\");
    log::info!(\"two\");
    log::warn!(\"late\");
    println!(\"paid\");
}
";

const LEDGER: &str = "\
use std::thread as threads;
macro_rules! started { ($what:expr) => { log::debug!(\"{}\", $what) }; }
pub fn book() {
    threads::spawn(|| started!(1));
    started!(2);
}
#[cfg(test)]
mod tests {
    #[test]
    fn it_books() { log::error!(\"in a test\"); println!(\"spared\"); }
}
";

fn manifest(name: &str, more: &str) -> String {
    format!(
        "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.95\"\n\n[dependencies]\nlog.workspace = true\n{more}"
    )
}

fn workspace(name: &str) -> Folder {
    let folder = Folder::new(name);
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"pay\", \"ledger\", \"shell\"]\n\n[workspace.dependencies]\nlog = \"0.4\"\n";
    folder.put("Cargo.toml", members);
    folder.put("pay/Cargo.toml", &manifest("pay", ""));
    folder.put("pay/src/lib.rs", PAY);
    // It denies what it has, for now in vain: clippy must find the rest all the same.
    let denies =
        "\n[lints.clippy]\nunwrap_used = \"deny\"\ndisallowed_methods = { level = \"warn\", priority = 1 }\n";
    folder.put("ledger/Cargo.toml", &manifest("ledger", denies));
    folder.put("ledger/src/lib.rs", LEDGER);
    // A command prints, as its owner says.
    let prints = "\n[lints.clippy]\nprint_stdout = \"allow\"\n";
    folder.put("shell/Cargo.toml", &manifest("shell", prints));
    folder.put("shell/src/main.rs", "fn main() {\n    println!(\"usage\");\n}\n");
    folder
}

fn init(folder: &Folder, more: &[&str]) -> String {
    let checkout = root().display().to_string();
    let all = ["init", "--path", &checkout, "--baseline"];
    let all: Vec<&str> = all.into_iter().chain(more.iter().copied()).collect();
    folder.tracel("", &all).good()
}

fn check(folder: &Folder, at: &str) -> Ran {
    folder.tracel(at, &["check", "--baseline"])
}

/// Clippy under `-D warnings` says nothing.
#[track_caller]
fn assert_builds(folder: &Folder) {
    let said = folder.clippy("", &["--workspace", "--", "-D", "warnings"]);
    let text: String = said.iter().map(|said| said.text.as_str()).collect();
    assert!(said.is_empty(), "{text}");
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

const COUNTS: &str = r#"
[calls.ledger.disallowed_macros."log::debug"]
"ledger/src/lib.rs" = 1

[calls.ledger.disallowed_macros."log::error"]
"ledger/src/lib.rs" = 1

[calls.ledger.disallowed_methods."std::thread::spawn"]
"ledger/src/lib.rs" = 1

[calls.pay.disallowed_macros."log::info"]
"pay/src/lib.rs" = 2

[calls.pay.disallowed_macros."log::warn"]
"pay/src/lib.rs" = 1

[calls.pay.print_stdout.println]
"pay/src/lib.rs" = 1
"#;

#[test]
fn what_stands_is_counted_and_nothing_may_be_added() {
    let folder = workspace("baseline");
    let before = check(&folder, "");
    assert_eq!(before.code, Some(2));
    assert_has(
        &before.errors,
        &["there is no ", "`tracel init --baseline` writes it"],
    );

    let said = init(&folder, &["--dry-run"]);
    assert_has(&said, &["the banned calls are counted once this is written"]);
    let said = init(&folder, &[]);
    assert_has(
        &said,
        &[
            "tracel-baseline.toml: new: the banned calls that stand (7), of which none may be added\n",
            "disallowed_macros = \"allow\", as long as its calls are counted",
        ],
    );
    let file = folder.get("tracel-baseline.toml");
    assert!(file.ends_with(&format!("cargo = []\n{COUNTS}")), "{file}");
    assert_has(
        &folder.get("Cargo.toml"),
        &["disallowed_macros = \"allow\" # counted in tracel-baseline.toml\n"],
    );
    assert_has(
        &folder.get("ledger/Cargo.toml"),
        &["disallowed_methods = { level = \"allow\", priority = 1 }\n"],
    );
    assert_builds(&folder);
    let said = check(&folder, "pay").good();
    assert_has(&said, &["no count has grown (banned calls: 7)\n"]);
    assert_has(
        &init(&folder, &[]),
        &["tracel-baseline.toml: all counts are as recorded\n"],
    );

    // One more, under a name of its own, in a file of its own, and one less; prints of the command are its owner's.
    folder.put(
        "pay/src/later.rs",
        "mod logging { pub use log::*; }\npub fn later() {\n    logging::info!(\"three\");\n}\n",
    );
    let pay = PAY.replace("    log::warn!(\"late\");\n", "");
    folder.put("pay/src/lib.rs", &format!("pub mod later;\n{pay}"));
    let shell = "fn main() {\n    println!(\"usage\");\n    println!(\"more\");\n}\n";
    folder.put("shell/src/main.rs", shell);
    let grown = check(&folder, "");
    assert_eq!(grown.code, Some(1), "{}", grown.errors);
    assert_has(
        &grown.errors,
        &[
            "error: pay: 3 calls of log::info, and 2 recorded\n  --> pay/src/later.rs:3:5: no schema checks it; write `tracel::log_info!",
            "pay: 0 calls of log::warn, and 1 recorded: `tracel init --baseline` records the gain\n",
            "1 count has grown",
        ],
    );
    assert!(
        !grown.errors.contains("lib.rs:"),
        "only where more stand:\n{}",
        grown.errors
    );
    assert!(!grown.errors.contains("error: shell"), "{}", grown.errors);
}

#[test]
fn a_lint_warns_again_when_its_last_call_is_gone() {
    let folder = workspace("baseline-gain");
    init(&folder, &[]);
    folder.put("pay/src/lib.rs", "pub fn pay() {\n    println!(\"paid\");\n}\n");
    let ledger = LEDGER.replace("threads::spawn(|| started!(1));", "started!(1);");
    folder.put(
        "ledger/src/lib.rs",
        &ledger.replace("use std::thread as threads;\n", ""),
    );
    let said = check(&folder, "");
    assert_has(&said.errors, &["pay: 0 calls of log::info, and 2 recorded: "]);
    assert_eq!(said.code, Some(0), "a gain fails nothing:\n{}", said.errors);

    let said = init(&folder, &[]);
    assert_has(
        &said,
        &["tracel-baseline.toml: the banned calls that stand, 3 in place of 7\n"],
    );
    let shared = folder.get("Cargo.toml");
    assert_has(
        &shared,
        &["disallowed_macros = \"warn\"\n", "print_stdout = \"allow\""],
    );
    let ledger = folder.get("ledger/Cargo.toml");
    assert_has(
        &ledger,
        &[
            "disallowed_methods = { level = \"warn\", priority = 1 }",
            "disallowed_macros = \"allow\"",
        ],
    );
    assert_builds(&folder);

    // Calls behind a feature are seen with it.
    let feature = "\n[features]\nold = []\n\n[dependencies]";
    let manifest = folder.get("pay/Cargo.toml").replace("\n[dependencies]", feature);
    folder.put("pay/Cargo.toml", &manifest);
    folder.put(
        "pay/src/lib.rs",
        "pub fn pay() {\n    println!(\"paid\");\n    #[cfg(feature = \"old\")]\n    log::info!(\"x\");\n}\n",
    );
    check(&folder, "").good();
    let file = folder
        .get("tracel-baseline.toml")
        .replace("cargo = []", "cargo = [\"--all-features\"]");
    folder.put("tracel-baseline.toml", &file);
    let said = check(&folder, "");
    assert_has(
        &said.errors,
        &["pay: 1 call of log::info, and 0 recorded\n  --> pay/src/lib.rs:4:5: "],
    );
    assert_has(&init(&folder, &[]), &["4 in place of 3"]);
    assert_has(
        &folder.get("tracel-baseline.toml"),
        &["cargo = [\"--all-features\"]\n"],
    );

    // What does not compile cannot be counted.
    folder.put("pay/src/lib.rs", "pub fn pay() { nothing() }\n");
    let said = check(&folder, "");
    assert_eq!(said.code, Some(2));
    assert_has(
        &said.errors,
        &["cannot find function `nothing`", "nothing can be counted"],
    );
    assert!(Path::new(&folder.path).join("tracel-baseline.toml").exists());
}
