//! `[category.*]`, `[level.*]` and `[event.*]`: what they require and say, as it was written.

use super::{
    check_name, levels, one_line, owned, policy,
    table::{Context, Table, Value, no_hint, unknown_word},
};
use crate::{
    codes,
    document::{At, CategoryEntry, EventEntry, LevelEntry},
    message::interpolation,
    model::Level,
};

const FIELDS: &str = "[\"user_id\"]";

pub(super) fn category(cx: &mut Context<'_>, name: At<&str>, value: Value<'_>) -> Option<CategoryEntry> {
    check_name(cx, At { ..name }, "a category");
    let mut entry = CategoryEntry {
        name: owned(At { ..name }),
        doc: None,
        required: Vec::new(),
    };
    // An entry that is no table stays a category: what refers to it is right.
    if let Some(mut table) = value.table(
        cx,
        format!("[category.{}]", name.value),
        "{ required = [\"user_id\"] }",
    ) {
        entry.doc = table.take("doc").and_then(|value| value.text(cx, "\"…\""));
        entry.required = names(cx, &mut table, "required");
        table.finish(cx, hint);
    }
    Some(entry)
}

pub(super) fn level(cx: &mut Context<'_>, name: At<&str>, value: Value<'_>) -> Option<LevelEntry> {
    let level = Level::from_name(name.value);
    if level.is_none() {
        unknown_word(cx, At { ..name }, "level", &levels().map(|(name, _)| name));
    }
    let mut table = value.table(
        cx,
        format!("[level.{}]", name.value),
        "{ required = [\"error\"] }",
    )?;
    let doc = table.take("doc").and_then(|value| value.text(cx, "\"…\""));
    let required = names(cx, &mut table, "required");
    table.finish(cx, hint);
    Some(LevelEntry {
        level: At {
            value: level?,
            spot: name.spot,
        },
        doc,
        required,
    })
}

pub(super) fn event(cx: &mut Context<'_>, name: At<&str>, value: Value<'_>) -> Option<EventEntry> {
    check_name(cx, At { ..name }, "an event");
    let example = "{ category = \"user\", level = \"info\", message = \"…\" }";
    let mut table = value.table(cx, format!("[event.{}]", name.value), example)?;
    let mut entry = EventEntry {
        name: owned(name),
        category: table
            .need("category", "\"user\"")
            .and_then(|value| value.string(cx, "\"user\""))
            .map(owned),
        level: table
            .need("level", "\"info\"")
            .and_then(|value| value.word_at(cx, &levels())),
        message: table
            .need("message", "\"…\"")
            .and_then(|value| value.string(cx, "\"…\""))
            .and_then(|text| message(cx, text)),
        doc: table.take("doc").and_then(|value| value.text(cx, "\"…\"")),
        required: names(cx, &mut table, "required"),
        optional: names(cx, &mut table, "optional"),
        limit: at(table.take("limit"), |value| policy::rate(cx, value)),
        retention: at(table.take("retention"), |value| policy::duration(cx, value)),
        left: Vec::new(),
    };
    entry.left = table.finish_entry(cx, no_hint);
    Some(entry)
}

/// What a value says, and where.
fn at<T>(value: Option<Value<'_>>, read: impl FnOnce(Value<'_>) -> Option<T>) -> Option<At<T>> {
    let spot = value?.spot;
    read(value?).map(|value| At { value, spot })
}

fn message(cx: &mut Context<'_>, text: At<&str>) -> Option<At<String>> {
    if let Some(found) = interpolation(text.value) {
        let what = format!("the message has the interpolation `{found}`: messages are fixed texts");
        let inside = found.trim_matches(['{', '}', ' ']);
        let way_out = match inside.split(':').next().map(str::trim) {
            Some(field) if field.starts_with(|c: char| c.is_ascii_lowercase()) => {
                format!("take it out of the text, and let the event require a field: required = [{field:?}]")
            }
            _ => "take it out of the text, and let the event require a field for it".to_owned(),
        };
        cx.found.add(text.spot, &codes::INTERPOLATION, what, way_out);
        return None;
    }
    let spot = text.spot;
    one_line(cx, text, "the message", &codes::MESSAGE).map(|value| At { value, spot })
}

fn names(cx: &mut Context<'_>, table: &mut Table<'_>, key: &'static str) -> Vec<At<String>> {
    table
        .take(key)
        .and_then(|value| value.strings(cx, FIELDS))
        .unwrap_or_default()
}

/// Where a key belongs that a category or a level does not have.
fn hint(key: &str) -> Option<&'static str> {
    match key {
        "retention" => Some(
            "by level it stands in [policy]: retention = { default = \"30d\", error = \"90d\" }, and by event in [event.…]",
        ),
        "limit" => Some("it stands in [policy], or by event in [event.…]"),
        "optional" => Some("any declared field may be added to a log, and only an event lists them"),
        _ => None,
    }
}
