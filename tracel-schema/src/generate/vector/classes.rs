//! The classes, held to once more: a value that is sensitive and stands in the clear is masked, a secret refused.

use super::Schemas;
use crate::model::Class;
use std::fmt::Write;

/// What a sensitive value may be: masked, or hashed.
const COVERED: &str = r"r'^(\*\*\*|hash:[0-9a-f]{32})$'";

/// In the program that makes rows.
pub(super) fn in_record(schemas: Schemas<'_>) -> String {
    let mut out = String::new();
    for field in schemas.of_class(Class::Secret) {
        let name = &field.name;
        let _ = writeln!(
            out,
            "if exists(meta.\"{name}\") || exists(extra.\"{name}\") || exists(record.\"{name}\") {{\n  \
             abort \"secret: `{name}` must never leave a service\"\n}}"
        );
    }
    for field in schemas.of_class(Class::Sensitive) {
        for place in ["meta", "extra", "record"] {
            let _ = writeln!(
                out,
                "{}",
                masked(place, &field.name, "masked = masked + \" NAME\"")
            );
        }
    }
    out
}

/// In the program that makes rows of what was refused. What cannot be parsed is searched for `"name":`.
pub(super) fn in_quarantine(schemas: Schemas<'_>) -> String {
    let mut out = String::new();
    let mut unparsed = String::new();
    for field in schemas
        .of_class(Class::Secret)
        .chain(schemas.of_class(Class::Sensitive))
    {
        out.push_str(&hidden(&field.name));
    }
    for field in schemas.of_class(Class::Secret) {
        let name = &field.name;
        for place in ["meta", "extra", "record"] {
            let _ = writeln!(
                out,
                "if exists({place}.\"{name}\") {{\n  del({place}.\"{name}\")\n  changed = true\n}}"
            );
        }
        redacted(&mut unparsed, name);
    }
    for field in schemas.of_class(Class::Sensitive) {
        for place in ["meta", "extra", "record"] {
            let _ = writeln!(out, "{}", masked(place, &field.name, "changed = true"));
        }
        redacted(&mut unparsed, &field.name);
    }
    if !unparsed.is_empty() {
        let _ = write!(out, "if !is_record {{\n{unparsed}}}\n");
    }
    out
}

fn masked(place: &str, name: &str, then: &str) -> String {
    let then = then.replace("NAME", name);
    format!(
        "if exists({place}.\"{name}\") && {place}.\"{name}\" != null && !match(string({place}.\"{name}\") ?? \"\", {COVERED}) {{\n  \
         {place}.\"{name}\" = \"***\"\n  {then}\n}}"
    )
}

/// Of a key that stands twice in an object a parser shows the last one alone: then what it shows is kept, and not the line.
fn hidden(name: &str) -> String {
    let stands = |text: &str| format!("length(parse_regex_all({text}, r'\"{name}\"\\s*:') ?? [])");
    format!(
        "if {} > {} {{ changed = true }}\n",
        stands("original"),
        stands("encode_json(record)")
    )
}

/// In a text that is no JSON, the rest of the line after such a key is not told apart from its value: all of it goes.
fn redacted(out: &mut String, name: &str) {
    let key = format!("(?s)\"{name}\"\\s*:.*$");
    let _ = writeln!(
        out,
        "  if match(original, r'{key}') {{\n    original = replace(original, r'{key}', \"\\\"{name}\\\":***\")\n  }}"
    );
}
