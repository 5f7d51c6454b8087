//! Errors of TOML's syntax. A bracket that is never closed makes all that follows wrong: it is told once, where it opens.

use super::table::Context;
use crate::{codes, diagnostic::Spot};
use toml::de::Error;

/// Reports them, and returns where sense ends, if it does before the end.
pub(super) fn report(cx: &mut Context<'_>, text: &str, errors: &[Error]) -> Option<Spot> {
    let unclosed = match errors.iter().any(|error| error.message().contains("unclosed")) {
        true => unclosed(text),
        false => None,
    };
    if let Some((at, bracket)) = unclosed {
        let close = if bracket == '{' { '}' } else { ']' };
        let spot = cx.spot(at);
        let what = format!("this is not TOML: this `{bracket}` is never closed");
        cx.found
            .add(spot, &codes::SYNTAX, what, format!("add its `{close}`"));
    }
    for error in errors {
        let at = error.span().map_or(text.len(), |span| span.start);
        if unclosed.is_some_and(|(open, _)| open < at) {
            continue;
        }
        let way_out = match error.message() {
            "duplicate key" => "keep one of the two",
            _ => "mend the syntax as https://toml.io shows it",
        };
        let what = format!("this is not TOML: {}", error.message());
        cx.found.add(cx.spot(at), &codes::SYNTAX, what, way_out);
    }
    unclosed.map(|(at, _)| cx.spot(at))
}

/// The outermost bracket that is open at the end, and its byte.
fn unclosed(text: &str) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '#' => while chars.next().is_some_and(|(_, c)| c != '\n') {},
            '"' | '\'' => {
                let end = at + string(&text[at..], c);
                while chars.offset() < end && chars.next().is_some() {}
            }
            '{' | '[' => open.push((at, c)),
            '}' | ']' => {
                let opening = if c == '}' { '{' } else { '[' };
                if open.last().is_some_and(|(_, last)| *last == opening) {
                    open.pop();
                }
            }
            _ => {}
        }
    }
    open.first().copied()
}

/// The length of the string that `text` begins with; one of a single line ends with it.
fn string(text: &str, quote: char) -> usize {
    let triple = quote.to_string().repeat(3);
    let (start, end) = match text.starts_with(&triple) {
        true => (3, triple.as_str()),
        false => (1, &triple[..1]),
    };
    let mut rest = &text[start..];
    while !rest.is_empty() && !rest.starts_with(end) && (start == 3 || !rest.starts_with('\n')) {
        let escape = usize::from(quote == '"' && rest.starts_with('\\'));
        let skip = rest.chars().take(1 + escape).map(char::len_utf8).sum::<usize>();
        rest = &rest[skip..];
    }
    text.len() - rest.len() + if rest.starts_with(end) { end.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    #[test]
    fn finds_the_bracket_that_stays_open() {
        for (text, open) in [
            ("a = { b = [1, 2] }\n[c]\n", None),
            ("a = { b = 1\n[c]\n", Some((4, '{'))),
            ("a = [\"x\"\n[c]\nd = { e = 1 }\n", Some((4, '['))),
            ("a = \"{\" # [\nb = '['\n", None),
            ("a = \"\\\"{\"\nb = \"\\\\\" # }\nc = {", Some((27, '{'))),
            ("a = \"\"\"\n{ \\\"\"\" [\n\"\"\"\n", None),
            ("a = '''\n[ ' ''\n'''\nb = [", Some((23, '['))),
            ("a = \"never closed\nb = { c = 1", Some((22, '{'))),
            ("a = } ] ü\"🦀\" [", Some((17, '['))),
            ("a = \"\\", None),
            ("", None),
        ] {
            assert_eq!(unclosed(text), open, "{text:?}");
        }
    }
}
