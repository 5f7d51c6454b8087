//! Texts of the schema as doc comments of the generated code: whatever they hold, they stay comments, run as no
//! doctest, and make rustdoc warn of nothing.

use std::fmt::Write;

/// Appends a doc comment, one `///` a line.
pub(super) fn docs(out: &mut String, indent: &str, text: &str) {
    for line in text.lines() {
        let line = plain(line);
        let _ = match line.is_empty() {
            true => writeln!(out, "{indent}///"),
            false => writeln!(out, "{indent}/// {line}"),
        };
    }
}

/// A line of the schema's author as Markdown that means no more than emphasis and code.
pub(super) fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    // Four spaces, or a fence, would begin a code block, which rustdoc would compile and run.
    for word in line
        .trim()
        .replace("```", "'''")
        .replace("~~~", "---")
        .split_inclusive(' ')
    {
        let bare = word.trim_end();
        if !code
            && (bare.starts_with("http://") || bare.starts_with("https://"))
            && !bare.contains(['<', '>'])
        {
            let url = bare.trim_end_matches(['.', ',', ';', ':', ')']);
            let _ = write!(out, "<{url}>{}", &word[url.len()..]);
            continue;
        }
        for c in word.chars() {
            match c {
                '`' => {
                    code = !code;
                    out.push('`');
                }
                '[' | ']' | '<' | '>' if !code => {
                    out.push('\\');
                    out.push(c);
                }
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{docs, plain};

    #[test]
    fn whatever_an_author_writes_stays_a_comment() {
        for (text, markdown) in [
            ("Account that acted.", "Account that acted."),
            ("    let x = 1;", "let x = 1;"),
            ("```rust", "'''rust"),
            ("see [this] and <that>", "see \\[this\\] and \\<that\\>"),
            ("`[code] <T>` stays", "`[code] <T>` stays"),
            (
                "at https://example.com/a_b, or so",
                "at <https://example.com/a_b>, or so",
            ),
            ("a\u{7}b\rc", "a b c"),
            ("*/ \"quotes\" \\", "*/ \"quotes\" \\"),
        ] {
            assert_eq!(plain(text), markdown, "{text:?}");
        }
        let mut out = String::new();
        docs(&mut out, "  ", "one\n\n  two\r\n");
        assert_eq!(out, "  /// one\n  ///\n  /// two\n");
    }
}
