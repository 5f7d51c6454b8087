//! From a document to the model: names are resolved, what an event requires is merged, and what contradicts itself is
//! reported. How things are written, `parse` has checked.

use crate::{
    codes,
    diagnostic::Diagnostics,
    document::{At, Document, EventEntry, FieldEntry},
    model::{Category, Class, Event, Field, LevelRule, Place, Requirement, Scalar, Schema, Type, camel_case},
    nearest::did_you_mean,
    sources::Files,
};

/// Names in the module of the generated code that are not the schema's.
const FIXED: [&str; 5] = ["UserLog", "SysLog", "SystemLog", "Log", "SCHEMA"];

/// The schema that a document states; it is worth nothing when anything was found wrong, now or in parsing.
pub(crate) fn check(document: Document, files: &Files, found: &mut Diagnostics) -> Schema {
    let mut schema = Schema {
        name: document.name.unwrap_or_default(),
        version: document.version.unwrap_or_default(),
        service: document.service,
        policy: document.policy.policy,
        ..Schema::default()
    };
    let mut checker = Checker {
        fields: &document.fields,
        files,
        found,
    };
    checker.types(&document.events);
    document.fields.iter().for_each(|field| checker.propagate(field));
    for entry in &document.categories {
        let required = checker.requirements(&entry.required, &format!("[category.{}]", entry.name.value));
        schema.categories.push(Category {
            name: entry.name.value.clone(),
            doc: entry.doc.clone(),
            required,
            place: entry.name.spot.place(),
        });
    }
    for name in ["user", "system"] {
        if schema.category(name).is_none() {
            schema.categories.push(Category {
                name: name.to_owned(),
                doc: None,
                required: Vec::new(),
                place: Place::default(),
            });
        }
    }
    for entry in &document.levels {
        let required = checker.requirements(&entry.required, &format!("[level.{}]", entry.level.value));
        schema.levels.push(LevelRule {
            level: entry.level.value,
            doc: entry.doc.clone(),
            required,
            place: entry.level.spot.place(),
        });
    }
    for entry in &document.events {
        let event = checker.event(entry, &schema);
        schema.events.extend(event);
    }
    schema.fields = document
        .fields
        .into_iter()
        .map(|field| Field {
            name: field.name.value,
            class_place: field.class.map_or(field.name.spot, |class| class.spot).place(),
            // Without a type there was an error: the schema goes nowhere.
            ty: field.ty.unwrap_or(Type::Scalar(Scalar::String)),
            class: field.class.map_or(Class::Safe, |class| class.value),
            doc: field.doc,
            unit: field.unit.map(|unit| unit.value),
            propagate: field.propagate.is_some_and(|propagate| propagate.value),
            place: field.name.spot.place(),
        })
        .collect();
    schema
}

struct Checker<'a> {
    fields: &'a [FieldEntry],
    files: &'a Files,
    found: &'a mut Diagnostics,
}

impl Checker<'_> {
    /// Enums and events become types of one module.
    fn types(&mut self, events: &[EventEntry]) {
        let enums = self
            .fields
            .iter()
            .filter(|field| matches!(field.ty, Some(Type::Enum(_))))
            .map(|field| (&field.name, "the enum of the field"));
        let events = events
            .iter()
            .map(|event| (&event.name, "the struct of the event"));
        let mut types: Vec<_> = enums
            .chain(events)
            .map(|(name, kind)| (camel_case(&name.value), name, kind))
            .collect();
        types.sort_by_key(|(_, name, _)| name.spot);
        for (index, (ty, name, kind)) in types.iter().enumerate() {
            let with = if FIXED.contains(&ty.as_str()) {
                "TraceL's own item of that name".to_owned()
            } else if let Some((_, first, kind)) = types[..index].iter().find(|(other, ..)| other == ty) {
                format!("{kind} `{}` ({})", first.value, self.files.at(first.spot))
            } else {
                continue;
            };
            let what = format!(
                "{kind} `{}` is called `{ty}`, which collides with {with}",
                name.value
            );
            self.found
                .add(name.spot, &codes::TYPE_COLLISION, what, "rename one of them");
        }
    }

    /// What is sent to other services is text, and no secret.
    fn propagate(&mut self, field: &FieldEntry) {
        let kind = match (&field.ty, class(field)) {
            (_, Class::Secret) => "a secret",
            (Some(Type::List(_)), _) => "a list",
            (Some(Type::Scalar(Scalar::Bytes)), _) => "a field of bytes",
            (Some(Type::Scalar(Scalar::Json)), _) => "a field of json",
            (Some(Type::Scalar(Scalar::Error)), _) => "an error",
            _ => return,
        };
        if let Some(At { value: true, spot }) = field.propagate {
            let what = format!(
                "`{}` is {kind}, which cannot travel to other services in baggage",
                field.name.value
            );
            self.found
                .add(spot, &codes::PROPAGATE, what, "remove `propagate`");
        }
    }

    /// The fields of a list, but for those that cannot be there.
    fn requirements(&mut self, names: &[At<String>], owner: &str) -> Vec<Requirement> {
        let mut out: Vec<Requirement> = Vec::new();
        for name in names {
            let declared = self.fields.iter().find(|field| field.name.value == name.value);
            if out.iter().any(|other| other.field == name.value) {
                let what = format!("`{}` is listed twice", name.value);
                self.found
                    .add(name.spot, &codes::LISTED_TWICE, what, "remove one of the two");
                continue;
            }
            match declared {
                None => {
                    let what = format!(
                        "{owner} names the field `{}`, which [fields] does not declare",
                        name.value
                    );
                    let names = self.fields.iter().map(|field| field.name.value.as_str());
                    let declare = format!("declare it in [fields]: {} = {{ type = \"string\" }}", name.value);
                    let way_out = did_you_mean(&name.value, names, &declare);
                    self.found.add(name.spot, &codes::UNKNOWN_FIELD, what, way_out);
                }
                Some(field) if class(field) == Class::Secret => self.secret(field, name, owner),
                Some(_) => {}
            }
            out.push(Requirement {
                field: name.value.clone(),
                place: name.spot.place(),
            });
        }
        out
    }

    /// Tells that a secret field is listed where it would be logged: at the place that can be mended.
    fn secret(&mut self, field: &FieldEntry, name: &At<String>, owner: &str) {
        match &field.class {
            Some(class) if self.files.is_over(class.spot.file, name.spot.file) => {
                let what = format!(
                    "`{}` is made secret here, and {owner} requires it in {}",
                    name.value,
                    self.files.at(name.spot)
                );
                let way_out = "leave it \"sensitive\": what a schema below requires must be loggable";
                self.found.add(class.spot, &codes::SECRET, what, way_out);
            }
            class => {
                let declared = class.as_ref().map_or(field.name.spot, |class| class.spot);
                let what = format!(
                    "{owner} names the field `{}`, which is secret ({})",
                    name.value,
                    self.files.at(declared)
                );
                let way_out = "remove it here: a secret is never logged";
                self.found.add(name.spot, &codes::SECRET, what, way_out);
            }
        }
    }

    /// Whether a schema above the one that lists a field as optional asks for it, or makes it a secret.
    fn is_tightened(&self, optional: &At<String>, required: &[Requirement]) -> bool {
        let mut fields = self.fields.iter();
        let secret = fields
            .find(|field| field.name.value == optional.value && class(field) == Class::Secret)
            .and_then(|field| Some(field.class.as_ref()?.spot.file));
        let mut required = required.iter();
        let asked = required
            .find(|requirement| requirement.field == optional.value)
            .map(|requirement| requirement.place.file);
        [secret, asked]
            .into_iter()
            .flatten()
            .any(|file| self.files.is_over(file, optional.spot.file))
    }

    fn event(&mut self, entry: &EventEntry, schema: &Schema) -> Option<Event> {
        let owner = format!("[event.{}]", entry.name.value);
        let own = self.requirements(&entry.required, &owner);
        let category = entry.category.as_ref().and_then(|category| {
            let declared = schema.category(&category.value);
            if declared.is_none() {
                let what = format!(
                    "{owner} is of the category {:?}, which does not exist",
                    category.value
                );
                let names = schema.categories.iter().map(|category| category.name.as_str());
                let declare = format!("declare it: [category.{}]", category.value);
                let way_out = did_you_mean(&category.value, names, &declare);
                self.found
                    .add(category.spot, &codes::UNKNOWN_CATEGORY, what, way_out);
            }
            declared
        });
        let level = entry.level.as_ref().and_then(|level| schema.level(level.value));
        let mut required: Vec<Requirement> = Vec::new();
        let by_category = category.map_or(&[][..], |category| &category.required);
        let by_level = level.map_or(&[][..], |level| &level.required);
        for requirement in by_category.iter().chain(by_level).chain(&own) {
            if !required.iter().any(|other| other.field == requirement.field) {
                required.push(requirement.clone());
            }
        }
        let mut listed = entry.optional.clone();
        listed.retain(|name| !self.is_tightened(name, &required));
        let optional = self.requirements(&listed, &owner);
        for (index, name) in listed.iter().enumerate() {
            if listed[..index].iter().any(|other| other.value == name.value) {
                continue;
            }
            let asked = required
                .iter()
                .find(|requirement| requirement.field == name.value);
            if let Some(Requirement { place, .. }) = asked {
                let who = if own.iter().any(|requirement| requirement.field == name.value) {
                    owner.clone()
                } else if by_category
                    .iter()
                    .any(|requirement| requirement.field == name.value)
                {
                    format!("[category.{}]", category.map_or("", |category| &category.name))
                } else {
                    format!("[level.{}]", level.map_or("", |rule| rule.level.name()))
                };
                let what = format!(
                    "`{}` is optional here, and required by {who} ({})",
                    name.value,
                    self.files.at(*place)
                );
                let way_out = "remove it from `optional`, or from what requires it";
                self.found
                    .add(name.spot, &codes::REQUIRED_AND_OPTIONAL, what, way_out);
            }
        }
        Some(Event {
            name: entry.name.value.clone(),
            category: category?.name.clone(),
            level: entry.level.as_ref()?.value,
            message: entry.message.as_ref()?.value.clone(),
            doc: entry.doc.clone(),
            required,
            optional,
            limit: entry.limit.as_ref().map(|limit| limit.value),
            retention: entry.retention.as_ref().map(|retention| retention.value),
            place: entry.name.spot.place(),
        })
    }
}

fn class(field: &FieldEntry) -> Class {
    field.class.as_ref().map_or(Class::Safe, |class| class.value)
}
