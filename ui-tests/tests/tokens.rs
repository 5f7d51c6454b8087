//! The user's tokens keep their places through every macro: where the compiler warns of what they name, it marks them, and
//! nothing else. An editor finds by the same places what to complete, to show and to go to.

#[path = "ui/cases.rs"]
mod cases;

use cases::rustc_is_exact;
use std::{collections::BTreeSet, fs, path::Path};

const CASE: &str = "tokens/deprecated";

fn read(extension: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(CASE)
        .with_extension(extension);
    fs::read_to_string(path).expect("a case and its text")
}

/// Line and column of each use of a name that begins with `old`, in any case; what is declared is in `mod items`.
fn uses(source: &str) -> BTreeSet<(usize, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    let lines = source.lines().enumerate();
    for (number, line) in lines.filter(|(_, line)| !line.contains("#[deprecated]")) {
        for (at, _) in line.char_indices() {
            let (before, name) = line.split_at(at);
            let is_old = ["Old", "old_", "OLD_"].iter().any(|old| name.starts_with(old));
            if !is_old || before.ends_with(is_word) {
                continue;
            }
            // Of `order.old_total` the compiler marks all, of `order.old_user()` the method.
            let is_call = name.trim_start_matches(is_word).starts_with('(');
            let start = match before.strip_suffix('.') {
                Some(receiver) if !is_call => receiver.trim_end_matches(is_word).len(),
                _ => at,
            };
            found.insert((number + 1, start + 1));
        }
    }
    found
}

/// Where the compiler's errors stand: each one's first place.
fn marked(text: &str) -> BTreeSet<(usize, usize)> {
    let errors = text.split("\nerror").filter_map(|error| error.split_once("--> "));
    let places = errors.filter_map(|(_, after)| after.lines().next());
    let parsed = places.map(|place| {
        let mut parts = place
            .rsplitn(3, ':')
            .map(|part| part.parse().expect("a line and a column"));
        let (column, line) = (parts.next(), parts.next());
        (line.expect("a line"), column.expect("a column"))
    });
    parsed.collect()
}

#[test]
fn every_use_is_marked_where_it_was_written() {
    let (used, marked) = (uses(&read("rs")), marked(&read("stderr")));
    assert!(used.len() > 15, "{used:?}");
    assert_eq!(used, marked);
}

#[test]
fn the_compiler_says_so() {
    if rustc_is_exact() {
        trybuild::TestCases::new().compile_fail(format!("{CASE}.rs"));
    }
}
