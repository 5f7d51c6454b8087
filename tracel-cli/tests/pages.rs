//! Each call of `tracel` that a page shows is one that the command takes: its subcommands and its options are there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["", "docs", "deploy", "tracel-cli", "tracel-dev", "tracel/src"];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder"));
    files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|end| end == "md" || end == "yaml"))
        .collect()
}

/// The calls in a text: what stands between backticks, and the lines that a reader would type.
fn calls(text: &str) -> Vec<Vec<String>> {
    let inline = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| !span.contains("\n\n"));
    let typed = text
        .lines()
        .map(|line| line.trim_start().trim_start_matches("$ "));
    let commands = inline
        .chain(typed)
        .filter_map(|text| text.strip_prefix("tracel "));
    let words = |command: &str| {
        command
            .split_whitespace()
            .take_while(|word| *word != "#")
            .map(str::to_owned)
            .collect()
    };
    commands.map(words).collect()
}

/// What the help says of a subcommand; nothing where there is none.
fn help(subcommands: &[&str]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel"));
    let output = command.args(subcommands).arg("--help").output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[test]
fn each_call_on_a_page_is_one_that_the_command_takes() {
    let mut helps = BTreeMap::new();
    let (mut options, mut faults) = (0, Vec::new());
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for call in calls(&text) {
            // A sentence that begins with the command's name, and is no call of it.
            let Some(first) = call.first().filter(|word| is_word(word)) else {
                continue;
            };
            let mut subcommands = vec![first.as_str()];
            if first == "quarantine" {
                subcommands.extend(call.get(1).map(String::as_str).filter(|word| is_word(word)));
            }
            let help = helps
                .entry(subcommands.join(" "))
                .or_insert_with(|| help(&subcommands));
            let shown = format!("{}: tracel {}", page.display(), call.join(" "));
            match help {
                // What this build lacks is in another: `tests/lacks.rs`.
                _ if *first == "backfill" && !cfg!(feature = "kafka") => {}
                None => faults.push(shown),
                Some(help) => {
                    let given = call.iter().filter(|word| word.starts_with("--"));
                    let given = given.map(|word| word.split(['=', '.', ',', ')']).next().unwrap_or_default());
                    for option in given {
                        options += 1;
                        let is_there = help.split([' ', ',', '\n']).any(|word| word == option);
                        faults.extend((!is_there).then(|| format!("{shown}: no {option}")));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(options > 20 && helps.len() > 9, "{options} {helps:?}");
}
