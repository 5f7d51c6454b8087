//! `cargo xtask generate`: the files that are made of others: docs/errors.md of the table of codes, and `deploy/` of the
//! schemas. Goldens are `bless`'s.

mod deploy;

use crate::command::{root, say};
use std::{fmt::Write, fs, io::ErrorKind, path::Path};
use tracel_schema::codes::{self, Code};

/// Writes them, or only tells which are stale; `deploy/` by this `tracel`, which else is built. Returns whether all are as
/// they should be now.
pub(crate) fn run(only_check: bool, tracel: Option<&Path>) -> Result<bool, String> {
    let is_good = page(only_check)?;
    Ok(deploy::run(only_check, tracel)? && is_good)
}

/// docs/errors.md.
fn page(only_check: bool) -> Result<bool, String> {
    let (path, text) = ("docs/errors.md", errors());
    let full = root().join(path);
    let failed = |error| format!("{path}: {error}");
    match fs::read_to_string(&full) {
        Ok(old) if old == text => return Ok(true),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ if only_check => {
            say(&format!("{path} is stale: `cargo xtask generate` writes it anew"));
            return Ok(false);
        }
        _ => {}
    }
    fs::write(&full, text).map_err(failed)?;
    say(&format!("{path} is written"));
    Ok(true)
}

/// What `tracel explain` says of every code, on one page.
fn errors() -> String {
    let mut page = "\
# Errors

Every code, with its rule, an example and its mended twin, as `tracel explain CODE` prints them. Codes from TL0001 on are of the
macros, those from TL1001 on of `schema.toml`; none is ever given to another rule. The examples are tests.

This page is generated from `tracel-schema/src/codes/` by `cargo xtask generate`.
"
    .to_owned();
    // Writing into a string cannot fail.
    for code in codes::all() {
        let _ = write!(
            page,
            "\n## {}: {}\n\n{}\n",
            code.id,
            escaped(code.title),
            escaped(code.rule)
        );
        for (title, example) in [("Wrong", code.wrong), ("Mended", code.mended)] {
            // A fault of TraceL's own has none.
            if example.is_empty() {
                continue;
            }
            let language = language(code, example);
            let _ = write!(
                page,
                "\n{title}:\n\n```{language}\n{}\n```\n",
                example.trim_matches('\n')
            );
        }
    }
    page
}

/// What an example is written in.
fn language(code: &Code, example: &str) -> &'static str {
    let is_table = example.starts_with("# ") || example.starts_with('[');
    match example {
        _ if example.starts_with("$ ") => "console",
        _ if is_table || code.id.starts_with("TL1") => "toml",
        _ => "rust",
    }
}

/// A text in which `[fields]` is no link, and `<` begins no element; between backticks all stays.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.replace('[', "\\[").replace('<', "\\<").replace('*', "\\*"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::{errors, escaped};

    #[test]
    fn each_code_has_its_section() {
        let page = errors();
        for code in super::codes::all() {
            assert_eq!(
                page.matches(&format!("\n## {}: ", code.id)).count(),
                1,
                "{}",
                code.id
            );
            let has_examples = !code.wrong.is_empty() && !code.mended.is_empty();
            assert!(has_examples || code.id == "TL0004", "{}", code.id);
        }
        assert_eq!(page.matches("```").count() % 4, 0);
    }

    #[test]
    fn brackets_are_no_links_but_in_code() {
        assert_eq!(escaped("[a] `[b]` <c>"), "\\[a] `[b]` \\<c>");
    }
}
