//! What a message may be: a fixed text. Build script and macros hold it to the same rule.

/// The first `{interpolation}` of a message, as it is written: `{}`, `{0}`, `{name}`, each also with a format
/// (`{name:?}`). Braces around anything else are text, and so are doubled ones.
pub fn interpolation(message: &str) -> Option<&str> {
    let mut rest = message;
    loop {
        let open = rest.find('{')?;
        if rest[open + 1..].starts_with('{') {
            rest = &rest[open + 2..];
            continue;
        }
        let close = open + rest[open..].find('}')?;
        let inside = &rest[open + 1..close];
        let argument = inside
            .split_once(':')
            .map_or(inside, |(argument, _)| argument)
            .trim();
        if argument.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Some(&rest[open..=close]);
        }
        rest = &rest[open + 1..];
    }
}

/// What is wrong with a text that is to be read in one line, and the way out.
pub fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.trim().is_empty() {
        Some(("is empty", "say something"))
    } else if text.chars().any(char::is_control) {
        let what = "has a line break or another control character";
        Some((what, "write it in one line"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::interpolation;

    #[test]
    fn finds_what_a_format_string_would_fill_in() {
        for (message, found) in [
            ("payment captured", None),
            ("paid {}", Some("{}")),
            ("paid {amount} of {total}", Some("{amount}")),
            ("failed: {err:?}", Some("{err:?}")),
            ("{0:>5}", Some("{0:>5}")),
            ("{ amount }", Some("{ amount }")),
            ("set {1, 2}", None),
            ("json {\"a\": 1}", None),
            ("a { b", None),
            ("}{", None),
            ("{{amount}}", None),
            ("{{ {amount}", Some("{amount}")),
            ("{a b} {c}", Some("{c}")),
            ("é {ü} {x}", Some("{x}")),
        ] {
            assert_eq!(interpolation(message), found, "{message:?}");
        }
    }
}
