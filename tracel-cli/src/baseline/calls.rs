//! The banned calls that stand in a project, as clippy finds them: by what a name means, and not by what it is called. Which
//! of them count is not decided here.

use super::LINTS;
use crate::init::project::{Package, Project};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    process::{Command, Stdio},
};

/// A call of something banned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The package that it stands in.
    pub package: String,
    /// The file, from the folder of the workspace on.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// Its column.
    pub column: u64,
    /// The lint that finds it.
    pub lint: &'static str,
    /// What is called: `log::info`, `println`.
    pub path: String,
    /// Why it is banned, and what to write.
    pub reason: String,
}

/// All of them, in order. `arguments` are Cargo's, as `--all-features`.
pub(super) fn calls(project: &Project, arguments: &[String]) -> Result<Vec<Call>, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["clippy", "--all-targets", "--message-format=json"]);
    command.args(arguments);
    for package in &project.packages {
        command.args(["--package", &package.id]);
    }
    // Behind the manifests' own levels these win; nothing that somebody denies may end the search before its time.
    command.args(["--", "--cap-lints", "warn"]);
    for lint in LINTS {
        command.arg(format!("-Wclippy::{lint}"));
    }
    let output = command
        .current_dir(&project.root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be started in {}: {error}", project.root.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut found = Found::default();
    let mut errors = String::new();
    for message in messages.filter(|message| message["reason"] == "compiler-message") {
        if message["message"]["level"] == "error" {
            errors.push_str(message["message"]["rendered"].as_str().unwrap_or_default());
        }
        found.add(project, &message);
    }
    match output.status.success() {
        true => Ok(found.calls()),
        false => Err(format!(
            "{errors}cargo clippy cannot check the project, so that nothing can be counted: mend what it says"
        )),
    }
}

#[derive(Default)]
struct Found {
    /// Where the call itself is written.
    direct: BTreeSet<Call>,
    /// What a macro of another crate calls, where that macro is used.
    inside: BTreeSet<Call>,
}

impl Found {
    fn add(&mut self, project: &Project, message: &Value) {
        let of = |package: &&Package| message["package_id"] == *package.id;
        let Some(package) = project.packages.iter().find(of) else {
            return;
        };
        let message = &message["message"];
        let code = message["code"]["code"].as_str().unwrap_or_default();
        let lint = LINTS
            .into_iter()
            .find(|lint| code.strip_prefix("clippy::") == Some(*lint));
        let primary = list(&message["spans"]).find(|span| span["is_primary"] == true);
        let (Some(lint), Some(mut span)) = (lint, primary) else {
            return;
        };
        let is_ours = |file: &str| {
            let file = project.root.join(file);
            file.starts_with(&package.folder) || file.starts_with(&project.root)
        };
        let mut is_direct = true;
        while !span["file_name"].as_str().is_some_and(is_ours) {
            span = &span["expansion"]["span"];
            is_direct = false;
            if span.is_null() {
                return;
            }
        }
        let file = project.root.join(span["file_name"].as_str().unwrap_or_default());
        let call = Call {
            package: package.name.clone(),
            file: shown(&project.root, &file),
            line: span["line_start"].as_u64().unwrap_or_default(),
            column: span["column_start"].as_u64().unwrap_or_default(),
            lint,
            path: called(message["message"].as_str().unwrap_or_default()).to_owned(),
            reason: list(&message["children"])
                .find_map(|child| child["message"].as_str())
                .unwrap_or_default()
                .to_owned(),
        };
        match is_direct {
            true => self.direct.insert(call),
            false => self.inside.insert(call),
        };
    }

    /// Each call once: `log::info!` calls `log::log!` inside, and clippy says both.
    fn calls(self) -> Vec<Call> {
        let place = |call: &Call| (call.file.clone(), call.line, call.column);
        let mut calls: BTreeMap<_, Call> = BTreeMap::new();
        let direct: BTreeSet<_> = self.direct.iter().map(place).collect();
        let inside = self
            .inside
            .into_iter()
            .filter(|call| !direct.contains(&place(call)));
        // Of several that one macro calls inside, the first stands for all.
        for call in inside {
            let at = (call.package.clone(), place(&call), String::new());
            calls.entry(at).or_insert(call);
        }
        for call in self.direct {
            let at = (call.package.clone(), place(&call), call.path.clone());
            calls.insert(at, call);
        }
        let mut calls: Vec<Call> = calls.into_values().collect();
        calls.sort();
        calls
    }
}

/// A file from the workspace's folder on, with `/` on every system, so that the counts are the same on all.
fn shown(root: &Path, file: &Path) -> String {
    let file = file.strip_prefix(root).unwrap_or(file);
    file.to_string_lossy().replace('\\', "/")
}

/// What a message speaks of: its first word between backticks.
fn called(message: &str) -> &str {
    let word = message.split('`').nth(1).unwrap_or(message);
    word.trim_end_matches('!')
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}
