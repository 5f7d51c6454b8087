//! The shipped clippy.toml and lint table catch all that they ban, however it was imported, and spare what they should. The
//! list is read from clippy.toml: a new entry is tested by itself.

use crate::folder::{Folder, Said, root};
use std::{fmt::Write, fs};

/// An entry of clippy.toml.
pub(crate) struct Banned {
    path: String,
    reason: String,
}

pub(crate) fn banned(key: &str) -> Vec<Banned> {
    let text = fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml");
    let table: toml_edit::DocumentMut = text.parse().expect("clippy.toml is TOML");
    let entries = table[key].as_array().expect("a list");
    assert!(!entries.is_empty());
    let entry = |value: &toml_edit::Value| {
        let text = |key: &str| {
            let table = value.as_inline_table().expect("a table");
            let text = table.get(key).and_then(|value| value.as_str());
            text.unwrap_or_else(|| panic!("clippy.toml: {value} has no {key}"))
                .to_owned()
        };
        Banned {
            path: text("path"),
            reason: text("reason"),
        }
    };
    entries.iter().map(entry).collect()
}

/// A crate of functions, one a use of what is banned, and what must be said of each line.
#[derive(Default)]
struct Uses {
    code: String,
    wanted: Vec<(u64, &'static str, String)>,
}

impl Uses {
    /// Adds code; the line that is to be reported ends in `// here`.
    fn add(&mut self, lint: &'static str, reason: &str, code: &str) {
        let before = self.code.lines().count();
        let at = code
            .lines()
            .position(|line| line.ends_with("// here"))
            .expect("a line");
        self.wanted
            .push(((before + at + 1) as u64, lint, reason.to_owned()));
        self.code.push_str(code);
    }

    /// Every way to write `path`: in full, imported, under another name, by a renamed crate. (A dependency that the manifest
    /// itself renames clippy does not see: `init` tells of it.)
    fn ways(path: &str) -> Vec<(String, String)> {
        let (module, name) = path.rsplit_once("::").expect("a path");
        let (of, inner) = module.split_once("::").unwrap_or((module, ""));
        let inner: String = inner
            .split_terminator("::")
            .map(|part| format!("{part}::"))
            .collect();
        vec![
            (String::new(), path.to_owned()),
            (format!("use {path};"), name.to_owned()),
            (format!("use {path} as renamed;"), "renamed".to_owned()),
            (format!("use {of} as other;"), format!("other::{inner}{name}")),
        ]
    }
}

fn macros(uses: &mut Uses) {
    for (index, entry) in banned("disallowed-macros").iter().enumerate() {
        for (way, (import, name)) in Uses::ways(&entry.path).iter().enumerate() {
            let function = format!("macro_{index}_{way}");
            let code = match entry.path.as_str() {
                "tracing::instrument" => {
                    format!("mod {function} {{\n{import}\n#[{name}] // here\npub fn run() {{}}\n}}\n")
                }
                path => {
                    let arguments = match path {
                        "tracing::event" | "tracing::span" => "tracing::Level::INFO, \"said\"",
                        "log::log" => "log::Level::Info, \"said\"",
                        _ => "\"said\"",
                    };
                    format!("pub fn {function}() {{\n{import}\nlet _ = {name}!({arguments}); // here\n}}\n")
                }
            };
            uses.add("clippy::disallowed_macros", &entry.reason, &code);
        }
    }
}

/// The arguments of a call of `path`, after the receiver of a method.
fn arguments(path: &str) -> &'static str {
    let name = path.rsplit_once("::").expect("a path").1;
    let is_rayons = path.starts_with("rayon::");
    match name {
        "spawn" | "spawn_local" if path.starts_with("tokio") => "async {}",
        "spawn_on" => "async {}, todo!()",
        "spawn_local_on" => "async {}, todo!()",
        "spawn_blocking_on" => "|| (), todo!()",
        "join" => "|| (), || ()",
        "spawn_scoped" => "todo!(), || ()",
        "spawn" | "spawn_fifo" if is_rayons && path.contains("Scope") => "|_| ()",
        "scope" | "scope_fifo" | "in_place_scope" | "in_place_scope_fifo" => "|_| ()",
        _ => "|| ()",
    }
}

/// The type of a method's receiver, and how one is handed over.
fn receiver(ty: &str) -> (String, &'static str) {
    match ty {
        "tokio::task::JoinSet" => (format!("&mut {ty}<()>"), ""),
        "std::thread::Builder" => (ty.to_owned(), ""),
        "std::thread::Scope" => ("&'s std::thread::Scope<'s, 's>".to_owned(), "<'s>"),
        "rayon::Scope" | "rayon::ScopeFifo" => (format!("&{ty}<'s>"), "<'s>"),
        _ => (format!("&{ty}"), ""),
    }
}

fn methods(uses: &mut Uses) {
    for (index, entry) in banned("disallowed-methods").iter().enumerate() {
        let arguments = arguments(&entry.path);
        let (module, name) = entry.path.rsplit_once("::").expect("a path");
        let last = module.rsplit("::").next().expect("a module");
        let mut calls: Vec<(String, String, String)> = Vec::new();
        if last.starts_with(char::is_uppercase) {
            let (ty, lifetimes) = receiver(module);
            let of = format!("{lifetimes}(on: {ty})");
            calls.push((of.clone(), String::new(), format!("on.{name}({arguments})")));
            for (import, ty) in Uses::ways(module) {
                calls.push((of.clone(), import, format!("{ty}::{name}(on, {arguments})")));
            }
        } else {
            for (import, name) in Uses::ways(&entry.path) {
                calls.push(("()".to_owned(), import, format!("{name}({arguments})")));
            }
        }
        for (way, (signature, import, call)) in calls.iter().enumerate() {
            let code = format!(
                "#[allow(unreachable_code, unused)]\npub fn method_{index}_{way}{signature} {{\n{import}\nlet _ = {call}; // here\n}}\n"
            );
            uses.add("clippy::disallowed_methods", &entry.reason, &code);
        }
    }
}

fn guards(uses: &mut Uses) {
    for (index, entry) in banned("await-holding-invalid-types").iter().enumerate() {
        let enter = match entry.path.as_str() {
            "tracing::span::Entered" => "span.enter()",
            "tracing::span::EnteredSpan" => "span.entered()",
            other => panic!("say in this test how one comes by a `{other}`"),
        };
        let code = format!(
            "pub async fn guard_{index}(span: tracing::Span) {{\nlet _guard = {enter}; // here\nstd::future::ready(()).await;\n}}\n"
        );
        uses.add("clippy::await_holding_invalid_type", &entry.reason, &code);
    }
}

const DEPENDENCIES: &str = r#"
log = "0.4"
rayon = "1"
tokio = { version = "1", features = ["rt"] }
tokio-util = { version = "0.7", default-features = false, features = ["rt"] }
tracing = { version = "0.1", default-features = false, features = ["attributes", "std"] }
"#;

#[test]
fn all_that_is_banned_is_caught_under_any_import() {
    let name = "banned";
    let folder = Folder::new(name);
    let mut uses = Uses::default();
    macros(&mut uses);
    methods(&mut uses);
    guards(&mut uses);
    folder.put(
        "Cargo.toml",
        &format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]{DEPENDENCIES}"),
    );
    folder.put("src/lib.rs", &uses.code);
    folder.put(
        "clippy.toml",
        &fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml"),
    );
    let said = folder.clippy("", &[]);
    let mut missed = String::new();
    for (line, lint, reason) in &uses.wanted {
        let is_it = |said: &Said| said.line == *line && said.lint == *lint && said.text.contains(reason);
        if !said.iter().any(is_it) {
            let code = uses.code.lines().nth(*line as usize - 1).unwrap_or_default();
            let _ = writeln!(missed, "line {line}, `{code}`: no {lint}: {reason}");
        }
    }
    let shown: String = said.iter().map(|said| said.text.as_str()).collect();
    assert!(missed.is_empty(), "{missed}\nclippy says:\n{shown}");
}

/// Prints in all places where Rust code stands. `init` writes this lint table.
#[test]
fn prints_are_caught_but_for_build_scripts_and_tests() {
    let folder = Folder::new("prints");
    folder.put(
        "Cargo.toml",
        "[package]\nname = \"prints\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [lints.clippy]\nprint_stdout = \"warn\"\nprint_stderr = \"warn\"\ndbg_macro = \"warn\"\n",
    );
    let prints = "println!(\"1\"); print!(\"2\"); eprintln!(\"3\"); eprint!(\"4\"); dbg!(5);";
    let test = format!("#[cfg(test)]\nmod tests {{\n#[test]\nfn prints() {{ {prints} }}\n}}\n");
    folder.put(
        "build.rs",
        "fn main() { println!(\"cargo::rerun-if-changed=build.rs\"); }\n",
    );
    folder.put(
        "src/main.rs",
        &format!("fn main() {{\nprintln!(\"1\");\nprint!(\"2\");\neprintln!(\"3\");\neprint!(\"4\");\ndbg!(5);\n}}\n{test}"),
    );
    folder.put(
        "tests/outside.rs",
        &format!("#[test]\nfn prints() {{ {prints} }}\n"),
    );
    folder.put(
        "clippy.toml",
        &fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml"),
    );
    let said = folder.clippy("", &[]);
    let found: Vec<(&str, u64, &str)> = said
        .iter()
        .map(|said| (said.file.as_str(), said.line, said.lint.as_str()))
        .collect();
    let main = "src/main.rs";
    let wanted = [
        (main, 2, "clippy::print_stdout"),
        (main, 3, "clippy::print_stdout"),
        (main, 4, "clippy::print_stderr"),
        (main, 5, "clippy::print_stderr"),
        (main, 6, "clippy::dbg_macro"),
    ];
    assert_eq!(found, wanted);
}
