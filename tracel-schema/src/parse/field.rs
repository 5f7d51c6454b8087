//! `[fields]`: a field's name, its type, and what else is said of it.

use super::{
    check_name, owned,
    table::{Context, Table, Value, list},
};
use crate::{
    codes,
    document::{At, FieldEntry},
    model::{Class, Scalar, Type, camel_case},
    name,
    nearest::nearest,
};

const EXAMPLE: &str = "{ type = \"u64\" }";
const VALUES: &str = "[\"EUR\", \"USD\"]";
/// The types that `of` cannot name.
const NOT_LISTED: [&str; 4] = ["list", "enum", "error", "json"];
/// What other languages call our types.
const ALIASES: [(&str, &str); 18] = [
    ("boolean", "bool"),
    ("str", "string"),
    ("text", "string"),
    ("int", "i64"),
    ("integer", "i64"),
    ("uint", "u64"),
    ("usize", "u64"),
    ("isize", "i64"),
    ("f32", "f64"),
    ("float", "f64"),
    ("double", "f64"),
    ("number", "f64"),
    ("datetime", "timestamp"),
    ("date", "timestamp"),
    ("time", "timestamp"),
    ("array", "list"),
    ("object", "json"),
    ("binary", "bytes"),
];

pub(super) fn field(cx: &mut Context<'_>, name: At<&str>, value: Value<'_>) -> FieldEntry {
    check_field_name(cx, &name);
    let mut field = FieldEntry {
        name: owned(At { ..name }),
        ty: None,
        class: None,
        doc: None,
        unit: None,
        propagate: None,
        left: Vec::new(),
    };
    let Some(mut table) = value.table(cx, format!("`{}`", name.value), EXAMPLE) else {
        return field;
    };
    field.ty = ty(cx, &mut table, &field.name);
    let classes = [Class::Safe, Class::Sensitive, Class::Secret].map(|class| (class.name(), class));
    field.class = table.take("class").and_then(|value| value.word_at(cx, &classes));
    field.unit = table
        .take("unit")
        .and_then(|value| value.string(cx, "\"bytes\""))
        .map(owned);
    field.doc = table.take("doc").and_then(|value| value.text(cx, "\"…\""));
    if let Some(value) = table.take("propagate") {
        field.propagate = value.boolean(cx).map(|propagate| At {
            value: propagate,
            spot: value.spot,
        });
    }
    field.left = table.finish_entry(cx, |key| match key {
        "required" | "optional" => Some(
            "what is required is said where it is: [category.user] required = [..], [level.error], [event.…]",
        ),
        _ => None,
    });
    field
}

fn check_field_name(cx: &mut Context<'_>, name: &At<&str>) {
    check_name(cx, At { ..*name }, "a field");
    if name::is_envelope(name.value) {
        let what = format!("`{}` is a key of the record itself, not a field", name.value);
        let way_out = format!("choose another name, such as `own_{}`", name.value);
        cx.found.add(name.spot, &codes::ENVELOPE_KEY, what, way_out);
    }
    if let Some(prefix) = name::reserved_prefix(name.value) {
        let what = format!(
            "`{}` begins with `{prefix}`, which is kept for TraceL's own fields",
            name.value
        );
        let rest = &name.value[prefix.len()..];
        let way_out = format!("choose another prefix, such as `my_{rest}`");
        cx.found.add(name.spot, &codes::RESERVED_PREFIX, what, way_out);
    }
}

fn ty(cx: &mut Context<'_>, table: &mut Table<'_>, field: &At<String>) -> Option<Type> {
    let word = table.need("type", "\"string\"");
    let values = table.take("values");
    let of = table.take("of");
    let word = word?.string(cx, "\"u64\"")?;
    if word.value != "enum" {
        foreign_key(cx, values, "values", "an enum", word.value);
    }
    if word.value != "list" {
        foreign_key(cx, of, "of", "a list", word.value);
    }
    match word.value {
        "enum" => enum_values(cx, values, &word, field).map(Type::Enum),
        "list" => list_of(cx, of, &word).map(Type::List),
        other => {
            let scalar = Scalar::from_name(other);
            if scalar.is_none() {
                unknown_type(cx, &word);
            }
            scalar.map(Type::Scalar)
        }
    }
}

fn foreign_key(cx: &mut Context<'_>, value: Option<Value<'_>>, key: &str, owner: &str, ty: &str) {
    if let Some(value) = value {
        let what = format!("`{key}` belongs to {owner}, and this is a field of type {ty:?}");
        let way_out = format!(
            "remove `{key}`, or write type = {:?}",
            owner.rsplit(' ').next().unwrap_or(owner)
        );
        cx.found.add(value.spot, &codes::FOREIGN_KEY, what, way_out);
    }
}

fn unknown_type(cx: &mut Context<'_>, word: &At<&str>) {
    let names: Vec<&str> = Scalar::ALL
        .iter()
        .map(|(_, name)| *name)
        .chain(["enum", "list"])
        .collect();
    let alias = ALIASES
        .into_iter()
        .find(|(alias, _)| alias.eq_ignore_ascii_case(word.value));
    let way_out = match alias
        .map(|(_, name)| name)
        .or_else(|| nearest(word.value, names.iter().copied()))
    {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("the types are {}", list(&names)),
    };
    let what = format!("there is no type {:?}", word.value);
    cx.found.add(word.spot, &codes::UNKNOWN_TYPE, what, way_out);
}

fn list_of(cx: &mut Context<'_>, of: Option<Value<'_>>, list: &At<&str>) -> Option<Scalar> {
    let Some(of) = of else {
        cx.found.add(
            list.spot,
            &codes::LIST_OF,
            "a list of what?",
            "add of = \"string\", or another scalar type",
        );
        return None;
    };
    let word = of.string(cx, "\"string\"")?;
    if NOT_LISTED.contains(&word.value) {
        let what = format!("a list cannot be of {:?}", word.value);
        let way_out = match word.value {
            "enum" => "use of = \"string\"",
            "error" => "log the error as a field of its own: its chain is one text",
            _ => "use type = \"json\" for a value with a shape of its own",
        };
        cx.found.add(word.spot, &codes::LIST_OF, what, way_out);
        return None;
    }
    let scalar = Scalar::from_name(word.value);
    if scalar.is_none() {
        unknown_type(cx, &word);
    }
    scalar
}

fn enum_values(
    cx: &mut Context<'_>,
    values: Option<Value<'_>>,
    ty: &At<&str>,
    field: &At<String>,
) -> Option<Vec<String>> {
    let Some(value) = values else {
        let what = format!("the enum `{}` has no values", field.value);
        cx.found.add(
            ty.spot,
            &codes::ENUM_VALUES,
            what,
            format!("add values = {VALUES}"),
        );
        return None;
    };
    let words = value.strings(cx, VALUES)?;
    if words.is_empty() && matches!(value.raw(), toml::de::DeValue::Array(items) if items.is_empty()) {
        let what = format!("the enum `{}` has no values", field.value);
        cx.found.add(
            value.spot,
            &codes::ENUM_VALUES,
            what,
            format!("write values = {VALUES}"),
        );
    }
    let mut variants: Vec<(String, &str)> = Vec::new();
    for word in &words {
        let variant = camel_case(&word.value);
        let fits = word.value.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if !fits || !variant.starts_with(|c: char| c.is_ascii_alphabetic()) || variant == "Self" {
            let what = format!("{:?} makes no variant of an enum", word.value);
            let way_out = match variant == "Self" {
                true => "choose another word: `Self` is Rust's own",
                false => "use ASCII, with a letter first",
            };
            cx.found.add(word.spot, &codes::ENUM_VARIANT, what, way_out);
        } else if let Some((_, first)) = variants.iter().find(|(made, _)| *made == variant) {
            let (what, way_out) = match *first == word.value {
                true => (format!("{:?} stands twice in `values`", word.value), "remove one"),
                false => (
                    format!(
                        "{first:?} and {:?} both become the variant `{variant}`",
                        word.value
                    ),
                    "rename one of them",
                ),
            };
            cx.found.add(word.spot, &codes::ENUM_VARIANT, what, way_out);
        } else {
            variants.push((variant, &word.value));
        }
    }
    Some(words.into_iter().map(|word| word.value).collect())
}
