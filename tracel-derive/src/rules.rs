//! What the schema says of keys and of what is required, and how a breach of it is told.

use crate::fault::{At, Faults};
use tracel_schema::{
    codes::macros as codes,
    model::{Class, Event, Field, Level, Place, Requirement, Schema},
    name,
    nearest::did_you_mean,
};

/// A key that may be logged.
#[derive(Clone, Copy)]
pub(crate) enum Key<'s> {
    /// It is in the dictionary.
    Declared(&'s Field),
    /// It is not, and the policy is open.
    Open,
}

/// The schema, as a log is held to it.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'s>(pub(crate) &'s Schema);

/// Where the schema asks for a field.
pub(crate) struct Required<'s> {
    pub(crate) field: &'s str,
    pub(crate) place: Place,
    /// `[category.user]`.
    pub(crate) by: String,
}

impl<'s> Rules<'s> {
    /// `schema.toml:42`; of the neutral schema, which no file says, its name.
    pub(crate) fn at(self, place: Place) -> String {
        match place.line {
            0 => "TraceL's default schema".to_owned(),
            _ => self.0.at(place),
        }
    }

    /// The rule for a key of a log that may have any of these levels.
    pub(crate) fn key(self, key: &str, at: At, levels: &[Level], faults: &mut Faults) -> Option<Key<'s>> {
        if let Some(field) = self.0.field(key) {
            if field.class == Class::Secret {
                faults.add(
                    at,
                    &codes::SECRET_KEY,
                    format_args!(
                        "`{key}` is secret ({}) and is never logged",
                        self.at(field.class_place)
                    ),
                    "leave it out, or log something that gives nothing of it away (whether it is there, a length) under a key of its own",
                );
                return None;
            }
            return Some(Key::Declared(field));
        }
        if let Some(way_out) = reserved(key) {
            faults.add(
                at,
                &codes::RESERVED_KEY,
                format_args!("`{key}` is a key of the record itself"),
                way_out,
            );
            return None;
        }
        let is_open = |level: &Level| self.0.policy.open[*level as usize];
        if !levels.is_empty() && levels.iter().all(is_open) {
            return Some(Key::Open);
        }
        let open_at = (levels.len() > 1)
            .then(|| levels.iter().find(|level| is_open(level)))
            .flatten();
        let or_level = open_at
            .map(|level| format!(", or give the event a level that admits any key: `level = \"{level}\"`"));
        let fields = self.0.fields.iter().filter(|field| field.class != Class::Secret);
        let nearest = tracel_schema::nearest::nearest(key, fields.map(|field| field.name.as_str()));
        let or_level = or_level.unwrap_or_default();
        let way_out = match nearest.and_then(|name| self.0.field(name)) {
            Some(field) => format!(
                "did you mean `{}` ({})? If not, declare it there: `{key} = {{ type = \"..\" }}`{or_level}",
                field.name,
                self.at(field.place)
            ),
            None => {
                format!("declare it under [fields] in schema.toml: `{key} = {{ type = \"..\" }}`{or_level}")
            }
        };
        let what = format!("`{key}` is not a field of schema.toml: [fields] does not declare it");
        faults.add(at, &codes::UNKNOWN_KEY, what, way_out);
        None
    }

    /// What a log of this category and level must carry.
    pub(crate) fn required(self, category: &str, level: Option<Level>) -> Vec<Required<'s>> {
        let mut all = Vec::new();
        let category = self.0.category(category);
        let level = level.and_then(|level| self.0.level(level));
        let rules = category
            .map(|rule| (rule.required.as_slice(), format!("[category.{}]", rule.name)))
            .into_iter()
            .chain(level.map(|rule| (rule.required.as_slice(), format!("[level.{}]", rule.level))));
        for (required, by) in rules {
            add(&mut all, required, &by);
        }
        all
    }

    /// What a log of this event must carry: also what its category and level ask for.
    pub(crate) fn required_by_event(self, event: &'s Event) -> Vec<Required<'s>> {
        let mut all = self.required(&event.category, Some(event.level));
        add(&mut all, &event.required, &format!("[event.{}]", event.name));
        all
    }

    /// Tells of a required field that is not there.
    pub(crate) fn missing(self, required: &Required<'_>, at: At, example: &str, faults: &mut Faults) {
        let Required { field, place, by } = required;
        faults.add(
            at,
            &codes::MISSING_FIELD,
            format_args!("`{field}` is missing: {by} requires it ({})", self.at(*place)),
            format_args!("add {example}"),
        );
    }

    /// The category of this name; every schema has `user` and `system`.
    pub(crate) fn category(self, category: &str, at: At, faults: &mut Faults) {
        if self.0.category(category).is_none() && !matches!(category, "user" | "system") {
            let names = self.0.categories.iter().map(|category| category.name.as_str());
            let declare = format!("declare it in schema.toml: [category.{category}]");
            faults.add(
                at,
                &codes::UNKNOWN_CATEGORY,
                format_args!("`{category}` is not a category of schema.toml"),
                did_you_mean(category, names, &declare),
            );
        }
    }
}

fn add<'s>(all: &mut Vec<Required<'s>>, required: &'s [Requirement], by: &str) {
    for Requirement { field, place } in required {
        if !all.iter().any(|known| known.field == field) {
            all.push(Required {
                field,
                place: *place,
                by: by.to_owned(),
            });
        }
    }
}

/// The way out for a key that is TraceL's own.
fn reserved(key: &str) -> Option<String> {
    if let Some(prefix) = name::reserved_prefix(key) {
        return Some(format!(
            "keys that begin with `{prefix}` are TraceL's: choose another name"
        ));
    }
    let way_out = match key {
        _ if !name::is_envelope(key) => return None,
        "event_id" | "module" => {
            format!("it is the context's, and set on the span: `#[tracel::instrument(fields({key} = ..))]`")
        }
        "module_name" => {
            "it is the context's, and set on the span: `#[tracel::instrument(fields(module = ..))]`"
                .to_owned()
        }
        "message" => {
            "the message is the literal, `SysLog(\"..\", key = value)`; of an event `#[log(message = \"..\")]`".to_owned()
        }
        "level" => {
            "the macro's name says the level, `log_info!`, `log_warn!`; a span's stands beside its fields: `fields(..), level = \"debug\"`".to_owned()
        }
        _ => "TraceL fills it in; for a value of your own choose another name".to_owned(),
    };
    Some(way_out)
}
