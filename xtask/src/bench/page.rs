//! The part of docs/performance.md that is made of figures; the rest of the page is written by hand.

use crate::command::root;
use std::{fs, thread};

const BEGIN: &str = "<!-- figures: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- figures end -->\n";

/// Puts the text of the figures in the page.
pub(crate) fn write(text: &str) -> Result<(), String> {
    let path = root().join("docs/performance.md");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let page = fs::read_to_string(&path).map_err(failed)?;
    let (before, rest) = page
        .split_once(BEGIN)
        .ok_or("the page has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("the page's figures have no end")?;
    fs::write(&path, format!("{before}{BEGIN}\n{text}\n{END}{after}")).map_err(failed)
}

/// What they are measured on.
pub(crate) fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("a processor without a name", |(_, name)| name);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {model}")
}
