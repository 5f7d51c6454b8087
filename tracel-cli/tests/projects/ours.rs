//! A crate that uses every macro of ours is clean under the shipped lints and `-D warnings`, also with clippy's pedantic
//! ones: what our macros expand to gives nobody a warning that they cannot mend.

use crate::folder::{Folder, Said, root};
use std::fs;

const SCHEMA: &str = include_str!("ours/schema.toml");
const MAIN: &str = include_str!("ours/main.rs.txt");

fn crate_of_ours(name: &str, lints: &str) -> Folder {
    let folder = Folder::new(name);
    let checkout = root().display();
    let manifest = format!(
        "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\
         [dependencies]\ntracel = {{ path = \"{checkout}/tracel\", \
         features = [\"tokio\", \"tokio-util\", \"stream\", \"rayon\"] }}\n\
         rayon = \"1\"\n\
         tokio-util = {{ version = \"0.7\", default-features = false, features = [\"rt\"] }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\
         [build-dependencies]\ntracel-schema = {{ path = \"{checkout}/tracel-schema\" }}\n\
         [lints.clippy]\nprint_stdout = \"warn\"\nprint_stderr = \"warn\"\ndbg_macro = \"warn\"\n{lints}"
    );
    folder.put("Cargo.toml", &manifest);
    folder.put(
        "build.rs",
        "//! Compiles schema.toml.\n\nfn main() {\n    tracel_schema::build();\n}\n",
    );
    folder.put("schema.toml", SCHEMA);
    folder.put("src/main.rs", MAIN);
    let lints = fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml");
    folder.put("clippy.toml", &lints);
    folder
}

fn texts(said: &[Said]) -> String {
    said.iter().map(|said| said.text.as_str()).collect()
}

/// The names of all our macros, from where they are declared.
fn macros() -> Vec<String> {
    let source = fs::read_to_string(root().join("tracel-derive/src/lib.rs")).expect("tracel-derive");
    let mut names = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let declared = line.trim();
        if let Some(derive) = declared.strip_prefix("#[proc_macro_derive(") {
            let end = derive.find([',', ')']).expect("a name");
            names.push(derive[..end].to_owned());
        } else if declared == "#[proc_macro]" || declared == "#[proc_macro_attribute]" {
            let function = lines
                .by_ref()
                .find_map(|line| line.trim().strip_prefix("pub fn ").map(str::to_owned));
            let function = function.expect("a function");
            names.push(function[..function.find('(').expect("arguments")].to_owned());
        }
    }
    names
}

/// Checked in another way, or only for tests of services.
const ELSEWHERE: [&str; 0] = [];

#[test]
fn the_crate_uses_every_macro_of_ours() {
    let names = macros();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let is_used = ["!(", "(", ")", ",", "]"]
            .iter()
            .any(|end| MAIN.contains(&format!("{name}{end}")));
        assert!(
            is_used || ELSEWHERE.contains(&&*name),
            "tests/projects/ours/main.rs.txt does not use {name}"
        );
    }
}

#[test]
fn it_is_clean_with_all_and_pedantic_lints() {
    let groups =
        "all = { level = \"deny\", priority = -1 }\npedantic = { level = \"deny\", priority = -1 }\n";
    let folder = crate_of_ours("ours", groups);
    let said = folder.clippy("", &["--", "-D", "warnings"]);
    assert!(said.is_empty(), "{}", texts(&said));
}

/// Told, not held: nursery's lints come and go.
#[test]
fn what_nursery_says_is_told() {
    let folder = crate_of_ours("nursery", "nursery = { level = \"warn\", priority = -1 }\n");
    let said = folder.clippy("", &[]);
    let errors: Vec<&Said> = said.iter().filter(|said| said.level == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let text = texts(&said);
    if !text.is_empty() {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "clippy::nursery says of our macros:\n{text}");
    }
}
