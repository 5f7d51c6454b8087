//! `tracel init` in a fresh package and in a workspace that has something of everything already.

use crate::{
    clippy::banned,
    folder::{Folder, root},
};
use std::path::Path;

fn checkout() -> String {
    root().display().to_string()
}

/// All that clippy says must be of what is banned, with these numbers of lines.
#[track_caller]
fn assert_clean(folder: &Folder, at: &str) {
    let said = folder.clippy(at, &["--", "-D", "warnings"]);
    let text: String = said.iter().map(|said| said.text.as_str()).collect();
    assert!(said.is_empty(), "{text}");
}

#[test]
fn a_fresh_package_logs_after_one_command() {
    let folder = Folder::new("fresh");
    folder.cargo("", &["new", "--vcs", "none", "payment"]).good();
    folder.lock_versions("payment");

    let out = folder
        .tracel("payment", &["init", "--path", &checkout(), "--dry-run"])
        .good();
    assert!(
        out.starts_with("this would change, and nothing was written:\n"),
        "{out}"
    );
    assert!(!folder.path.join("payment/schema.toml").exists());

    let out = folder.tracel("payment", &["init", "--path", &checkout()]).good();
    for line in [
        "schema.toml: new: ",
        "build.rs: new: ",
        "Cargo.toml: tracel under [dependencies]; tracel-schema under [build-dependencies]; print_stdout, print_stderr, dbg_macro under [lints.clippy]\n",
        "clippy.toml: new: ",
        "src/main.rs: starts the log",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(!out.contains("left to you"), "{out}");
    let printed = folder.cargo("payment", &["run", "--quiet"]).good();
    // The framework's own records, of its start and end, may stand beside it.
    let records = printed
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a record"));
    let mut records = records.filter(|record| record["message"] == "started");
    let record = records.next().expect("the first log");
    assert_eq!(
        (&record["message"], &record["service_name"], &record["schema"]),
        (&"started".into(), &"payment".into(), &"payment@1".into())
    );
    assert_clean(&folder, "payment");

    let again = folder.tracel("payment", &["init", "--path", &checkout()]).good();
    assert_eq!(again, "nothing to do: all that TraceL needs is there\n");
    // What init wrote is the user's from then on.
    folder.put("payment/src/main.rs", "fn main() {}\n");
    let again = folder.tracel("payment", &["init"]).good();
    assert!(
        again.contains("src/main.rs: it is yours; to start the log, add\n"),
        "{again}"
    );
    assert_eq!(folder.get("payment/src/main.rs"), "fn main() {}\n");
}

#[test]
fn an_axum_service_is_told_of_its_router_and_its_subscriber() {
    let folder = Folder::new("axum");
    folder.put(
        "Cargo.toml",
        "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n",
    );
    folder.put("src/main.rs", "fn main() { tracing_subscriber::fmt::init(); }\n");
    let out = folder.tracel("", &["init", "--path", &checkout()]).good();
    for part in [
        "tracel, with its features axum and tokio, under [dependencies]",
        "returns a Result<(), tracel::Error>,\n",
        ".with(tracel::layer(logs::SCHEMA))\n",
        ".layer(tracel::tower::ServerLayer::new())\n",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(
        folder
            .get("Cargo.toml")
            .contains("features = [\"axum\", \"tokio\"]")
    );
    assert!(
        !folder.get("schema.toml").contains("foreign"),
        "nothing is taken over"
    );
    let output = folder.tracel("", &["init", "nowhere"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.errors.contains("nowhere: there is no such folder"),
        "{}",
        output.errors
    );
}

/// The files of a workspace that somebody has worked on.
const FILES: [(&str, &str); 13] = [
    (
        "Cargo.toml",
        "# The shop.\n[workspace]\nresolver = \"3\"\nmembers = [\"pay\", \"ledger\", \"words\"] # all\n\n[workspace.dependencies]\n\
         log = \"0.4\" # still\n\n[workspace.lints.clippy]\nprint_stdout = \"deny\" # never\n",
    ),
    (
        "clippy.toml",
        "# Ours.\ndisallowed-methods = [\n    { path = \"std::env::set_var\", reason = \"threads\" }, # really\n]\n",
    ),
    (
        "pay/Cargo.toml",
        "[package]\nname = \"pay\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.85\"\n\n[dependencies]\n# For later.\n\
         tokio = { version = \"1\", features = [\"rt\"] }\nlog.workspace = true\n\n[lints]\nworkspace = true\n",
    ),
    (
        "pay/build.rs",
        "//! Of pay.\nfn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\"); // once\n}\n",
    ),
    (
        "pay/src/main.rs",
        "//! Pays.\nfn main() {\n    log::info!(\"old\");\n}\n",
    ),
    (
        "ledger/Cargo.toml",
        "[package]\nname = \"ledger\"\nversion = \"0.1.0\"\nedition = \"2024\"\nbuild = \"setup/main.rs\"\n\n[lints.clippy]\n\
         dbg_macro = \"allow\" # for now\n",
    ),
    ("ledger/setup/main.rs", "include!(\"../setup.rs\");\n"),
    ("ledger/setup.rs", "fn main() {}\n"),
    ("ledger/.clippy.toml", "too-many-lines-threshold = 50\n"),
    ("ledger/src/lib.rs", "//! Books.\n"),
    ("ledger/schema.toml", "[schema]\nname = \"books\"\nversion = 7\n"),
    (
        "words/Cargo.toml",
        "[package]\nname = \"words\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n",
    ),
    ("words/src/lib.rs", "//! Words.\n"),
];

fn workspace(name: &str) -> Folder {
    let folder = Folder::new(name);
    for (path, text) in FILES {
        folder.put(path, text);
    }
    folder
}

/// Every line that stood in a file still does, in its order.
#[track_caller]
fn assert_kept(folder: &Folder) {
    for (path, before) in FILES {
        let after = folder.get(path);
        let mut lines = after.lines();
        for line in before.lines() {
            assert!(
                lines.any(|other| other == line),
                "{path} has lost `{line}`:\n{after}"
            );
        }
    }
}

#[test]
fn a_workspace_keeps_what_stands_there() {
    let folder = workspace("workspace");
    let out = folder.tracel("", &["init", "--path", &checkout()]).good();
    assert_kept(&folder);
    let methods = format!(
        "{} entries of disallowed-methods",
        banned("disallowed-methods").len()
    );
    for part in [
        "schema.toml: new: what may be logged, workspace@1",
        "Cargo.toml: tracel under [workspace.dependencies]; tracel-schema under [workspace.dependencies]; print_stderr, dbg_macro under [workspace.lints.clippy]\n",
        "pay/Cargo.toml: tracel, with its feature tokio, under [dependencies]; tracel-schema under [build-dependencies]\n",
        "pay/build.rs: calls tracel_schema::build() first\n",
        "\nclippy.toml: added allow-print-in-tests, allow-dbg-in-tests, disallowed-macros, ",
        &methods,
        "ledger/.clippy.toml: added ",
        "print_stdout, print_stderr under [lints.clippy]\n",
        "\nleft to you:\n",
        "- pay/src/main.rs: it is yours; ",
        "- pay/Cargo.toml: rust-version = \"1.85\" is less than TraceL needs: write \"1.95\"\n",
        "- ledger/setup/main.rs: no `fn main() { .. }` was found in it; add this to what it runs:\n      tracel_schema::build();\n",
        "- ledger/Cargo.toml: [lints.clippy] allows dbg_macro",
        "- words/Cargo.toml: words is a proc-macro crate",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!Path::new(&folder.path).join("words/build.rs").exists());
    let schema = folder.get("schema.toml");
    assert!(
        schema.contains("\nforeign  = { level = \"info\" }"),
        "pay logs by `log`: {schema}"
    );

    let again = folder.tracel("", &["init", "--path", &checkout()]).good();
    let left = out
        .find("\nleft to you:")
        .map(|at| &out[at..])
        .expect("what is left");
    assert_eq!(
        again,
        format!("nothing to do: all that TraceL needs is there\n{left}")
    );

    // What was left, done as it was told: then it compiles, and clippy finds the old log alone.
    let manifest = folder.get("pay/Cargo.toml").replace("1.85", "1.95");
    folder.put("pay/Cargo.toml", &manifest);
    folder.put("ledger/setup.rs", "fn main() { tracel_schema::build(); }\n");
    folder.put(
        "pay/src/main.rs",
        "//! Pays.\nmod logs { tracel::include_schema!(); }\nfn main() -> Result<(), tracel::Error> {\n    \
         let _guard = tracel::init(logs::SCHEMA).start()?;\n    log::info!(\"old\");\n    Ok(())\n}\n",
    );
    let said = folder.clippy("", &["--workspace"]);
    let found: Vec<(&str, u64, &str)> = said
        .iter()
        // `log::info!` expands to `log::log!`, for which clippy points into that crate.
        .filter(|said| !Path::new(&said.file).is_absolute())
        .map(|said| (said.file.as_str(), said.line, said.lint.as_str()))
        .collect();
    assert_eq!(found, [("pay/src/main.rs", 5, "clippy::disallowed_macros")]);
}

#[test]
fn one_package_of_a_workspace_and_none_that_is_there() {
    let folder = workspace("one");
    let out = folder.tracel("pay", &["init"]).good();
    assert_kept(&folder);
    assert!(!out.contains("ledger") && !out.contains("words"), "{out}");
    assert!(folder.get("Cargo.toml").contains("tracel = \"0.1.0\"\n"), "{out}");
    assert!(
        folder
            .get("pay/Cargo.toml")
            .contains("tracel = { workspace = true, features = [\"tokio\"] }\n")
    );
    let ran = folder.tracel("", &["init", "-p", "leger"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.errors.contains("no package `leger`; did you mean `ledger`?"),
        "{}",
        ran.errors
    );
    let ran = folder.tracel("", &["init", "--path", "pay"]);
    assert!(
        ran.errors.contains("it is no checkout of TraceL"),
        "{}",
        ran.errors
    );
    let ran = folder.tracel("ledger/src/..", &["init", "../nowhere"]);
    assert_eq!(ran.code, Some(2));
}
