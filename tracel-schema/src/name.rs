//! What a name may be: of a field, a category, an event; and the names that are TraceL's own. Build script and
//! macros hold keys to the same rules.

/// The keys of the record itself, in its order: no field may be called so.
pub const ENVELOPE: [&str; 22] = [
    "timestamp",
    "level",
    "event_id",
    "uuid",
    "service_name",
    "module_name",
    "message",
    "metadata",
    "log_type",
    "event_name",
    "span_id",
    "parent_span_id",
    "span_name",
    "thread",
    "task",
    "source",
    "target",
    "extra",
    "instance",
    "lane",
    "seq",
    "schema",
];

/// Prefixes of TraceL's own fields.
pub const PREFIXES: [&str; 2] = ["http_", "tracel_"];

/// Words that `schema.toml` cannot use as names: Rust's keywords, strict and reserved, of edition 2024
/// (<https://doc.rust-lang.org/reference/keywords.html>).
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield", "union",
];

/// Whether it is a name at all: `[a-z][a-z0-9_]*`.
pub fn is_well_formed(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Whether Rust reads it as a keyword.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether the record, or `#[instrument(fields(..))]`, uses this key itself.
pub fn is_envelope(name: &str) -> bool {
    name == "module" || ENVELOPE.contains(&name)
}

/// TraceL's prefix that this name begins with.
pub fn reserved_prefix(name: &str) -> Option<&'static str> {
    PREFIXES.into_iter().find(|prefix| name.starts_with(prefix))
}

/// The nearest thing to `name` that is well-formed; "" when nothing of it is left.
pub fn mended(name: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    out.trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .trim_end_matches('_')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_words() {
        for name in ["a", "user_id", "amount2", "x_"] {
            assert!(is_well_formed(name), "{name}");
        }
        for name in [
            "", "2fa", "_x", "userId", "user-id", "user id", "größe", "r#type", "a.b",
        ] {
            assert!(!is_well_formed(name), "{name}");
        }
    }

    #[test]
    fn own_names_are_known() {
        assert!(is_keyword("type") && is_keyword("gen") && !is_keyword("kind"));
        assert!(is_envelope("event_id") && is_envelope("module") && !is_envelope("error"));
        assert_eq!(reserved_prefix("http_status"), Some("http_"));
        assert_eq!(reserved_prefix("https"), None);
    }

    #[test]
    fn a_wrong_name_is_mended() {
        for (wrong, mended_one) in [
            ("userId", "user_id"),
            ("UserID", "user_id"),
            ("user-id", "user_id"),
            ("2fa", "fa"),
            ("_x ", "x"),
            ("", ""),
            ("größe", "gr_e"),
        ] {
            let mended = mended(wrong);
            assert_eq!(mended, mended_one, "{wrong}");
            assert!(mended.is_empty() || is_well_formed(&mended));
        }
    }
}
