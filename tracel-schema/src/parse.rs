//! From the text of schema.toml to a [`Document`]: syntax, keys, and the form of every value. What a name refers to,
//! `check` finds out; what comes of it, the generators.

use crate::{
    codes,
    diagnostic::Diagnostics,
    document::{At, Document, PolicyEntry},
    message,
    model::Level,
    name,
};
use table::{Context, Table, Value, no_hint};
use toml::de::DeTable;

mod event;
mod field;
mod policy;
mod syntax;
mod table;
mod unit;

pub(crate) use unit::is_within;

/// A document, and what is wrong with it. With a broken syntax there is no document: what is missing in it may have
/// been lost.
pub(crate) fn parse(text: &str, file: usize) -> (Option<Document>, Diagnostics) {
    let mut cx = Context::new(text, file);
    let (root, errors) = DeTable::parse_recoverable(text);
    let end = syntax::report(&mut cx, text, &errors);
    let mut syntax = std::mem::take(&mut cx.found);
    cx.whole = syntax.is_empty();
    let document = document(&mut cx, &root);
    syntax.add_elsewhere(cx.found, end);
    (cx.whole.then_some(document), syntax)
}

fn document(cx: &mut Context<'_>, root: &toml::Spanned<DeTable<'_>>) -> Document {
    let mut root = Table::new(cx, "schema.toml".into(), root.span(), root.get_ref());
    let mut document = Document {
        name: None,
        version: None,
        extends: Vec::new(),
        service: None,
        policy: PolicyEntry::default(),
        fields: Vec::new(),
        categories: Vec::new(),
        levels: Vec::new(),
        events: Vec::new(),
    };
    if let Some(value) = root.take("schema") {
        schema(cx, value, &mut document);
    } else if cx.whole {
        let start = cx.spot(0);
        cx.found.add(
            start,
            &codes::MISSING_KEY,
            "the file has no table [schema]",
            "begin it with [schema], name = \"acme\", version = 1",
        );
    }
    if let Some(mut table) = root
        .take("service")
        .and_then(|value| value.table(cx, "[service]".into(), "[service]"))
    {
        document.service = table
            .take("name")
            .and_then(|value| value.string(cx, "\"Payment\""))
            .and_then(|text| one_line(cx, text, "the service's name", &codes::SCHEMA_NAME));
        table.finish(cx, no_hint);
    }
    if let Some(table) = root
        .take("policy")
        .and_then(|value| value.table(cx, "[policy]".into(), "[policy]"))
    {
        document.policy = policy::policy(cx, table);
    }
    for (name, value) in entries(cx, &mut root, "fields", "[fields]") {
        document.fields.push(field::field(cx, name, value));
    }
    for (name, value) in entries(cx, &mut root, "category", "[category.user]") {
        document.categories.extend(event::category(cx, name, value));
    }
    for (name, value) in entries(cx, &mut root, "level", "[level.error]") {
        document.levels.extend(event::level(cx, name, value));
    }
    for (name, value) in entries(cx, &mut root, "event", "[event.payment_captured]") {
        document.events.extend(event::event(cx, name, value));
    }
    root.finish(cx, |key| match key {
        "name" | "version" | "extends" => Some("it stands in [schema]"),
        "field" => Some("fields are declared in [fields]: user_id = { type = \"u64\" }"),
        "categories" => Some("each category is a table of its own: [category.user]"),
        "levels" => Some("each level is a table of its own: [level.error]"),
        "events" => Some("each event is a table of its own: [event.payment_captured]"),
        _ => None,
    });
    document
}

/// The entries of a table whose keys are names.
fn entries<'t>(
    cx: &mut Context<'_>,
    root: &mut Table<'t>,
    key: &'static str,
    example: &str,
) -> Vec<(At<&'t str>, Value<'t>)> {
    root.take(key)
        .and_then(|value| value.table(cx, format!("[{key}]"), example))
        .map_or_else(Vec::new, Table::names)
}

fn schema(cx: &mut Context<'_>, value: Value<'_>, document: &mut Document) {
    let Some(mut table) = value.table(cx, "[schema]".into(), "[schema]") else {
        return;
    };
    document.name = table
        .need("name", "\"acme\"")
        .and_then(|value| value.string(cx, "\"acme\""))
        .and_then(|name| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if !name.value.is_empty() && name.value.chars().all(fits) {
                return Some(name.value.to_owned());
            }
            let what = format!("{:?} cannot be the name of a schema", name.value);
            let way_out = "use letters, digits, `-`, `_` and `.`";
            cx.found.add(name.spot, &codes::SCHEMA_NAME, what, way_out);
            None
        });
    document.version = table.need("version", "1").and_then(|value| version(cx, value));
    if let Some(value) = table.take("extends") {
        cx.extends = true;
        document.extends = extends(cx, value);
    }
    table.finish(cx, no_hint);
}

/// Names of crates, and paths from this file on.
fn extends(cx: &mut Context<'_>, value: Value<'_>) -> Vec<At<String>> {
    let mut out: Vec<At<String>> = Vec::new();
    for name in value.strings(cx, "[\"acme-schema\"]").unwrap_or_default() {
        if name.value.trim().is_empty() {
            let way_out = "name a crate, \"acme-schema\", or a file, \"../acme/schema.toml\"";
            cx.found
                .add(name.spot, &codes::EXTENDS, "this names no schema", way_out);
        } else if out.iter().any(|other| other.value == name.value) {
            let what = format!("`{}` is listed twice", name.value);
            cx.found
                .add(name.spot, &codes::LISTED_TWICE, what, "remove one of the two");
        } else {
            out.push(name);
        }
    }
    out
}

fn version(cx: &mut Context<'_>, value: Value<'_>) -> Option<u64> {
    let Some(integer) = value.raw().as_integer() else {
        value.wrong(cx, "an integer", "1");
        return None;
    };
    // Beyond i64 neither JSON's readers nor TOML's agree on integers.
    let version = i64::from_str_radix(integer.as_str(), integer.radix())
        .ok()
        .filter(|v| *v > 0);
    if version.is_none() {
        let what = format!("{integer} cannot be the version of a schema");
        cx.found
            .add(value.spot, &codes::SCHEMA_NAME, what, "count versions from 1");
    }
    version.map(i64::unsigned_abs)
}

/// A text that has something to say, in one line.
fn one_line(cx: &mut Context<'_>, text: At<&str>, name: &str, code: &'static codes::Code) -> Option<String> {
    let Some((what, way_out)) = message::fault(text.value) else {
        return Some(text.value.to_owned());
    };
    let what = format!("{name} {what}");
    cx.found.add(text.spot, code, what, way_out);
    None
}

/// Reports a name that is none, or is Rust's.
fn check_name(cx: &mut Context<'_>, name: At<&str>, kind: &str) {
    if !name::is_well_formed(name.value) {
        let mended = name::mended(name.value);
        let way_out = match mended.is_empty() || name::is_keyword(&mended) {
            true => "begin with a letter a-z, then a-z, 0-9 and _ may follow".to_owned(),
            false => format!("call it `{mended}`"),
        };
        let what = format!(
            "{:?} cannot be the name of {kind}: names are [a-z][a-z0-9_]*",
            name.value
        );
        cx.found.add(name.spot, &codes::MALFORMED_NAME, what, way_out);
    } else if name::is_keyword(name.value) {
        let what = format!(
            "`{}` is a keyword of Rust and cannot be the name of {kind}",
            name.value
        );
        let way_out = format!(
            "choose another name, such as `{}_{}`",
            kind.rsplit(' ').next().unwrap_or(kind),
            name.value
        );
        cx.found.add(name.spot, &codes::KEYWORD, what, way_out);
    }
}

/// The levels, by their words.
fn levels() -> [(&'static str, Level); 5] {
    Level::ALL.map(|level| (level.name(), level))
}

fn owned(name: At<&str>) -> At<String> {
    At {
        value: name.value.to_owned(),
        spot: name.spot,
    }
}
