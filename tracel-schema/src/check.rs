//! From a document to the model: names are resolved, what an event requires is merged, and what contradicts itself is
//! reported. How things are written, `parse` has checked.

use crate::{
    codes,
    diagnostic::{Diagnostics, Spot},
    document::{At, Document, EventEntry, FieldEntry},
    model::{Category, Class, Event, Field, LevelRule, Place, Requirement, Scalar, Schema, Type, camel_case},
    nearest::did_you_mean,
};

/// Names in the module of the generated code that are not the schema's.
const FIXED: [&str; 5] = ["UserLog", "SysLog", "SystemLog", "Log", "SCHEMA"];

/// The schema that a document states; it is worth nothing when anything was found wrong, now or in parsing.
/// `file` is how the file is called in messages.
pub(crate) fn check(document: Document, file: &str, found: &mut Diagnostics) -> Schema {
    let mut schema = Schema {
        name: document.name.unwrap_or_default(),
        version: document.version.unwrap_or_default(),
        service: document.service,
        policy: document.policy,
        ..Schema::default()
    };
    let mut checker = Checker {
        fields: &document.fields,
        file,
        found,
    };
    checker.types(&document.events);
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
            // Without a type there was an error: the schema goes nowhere.
            ty: field.ty.unwrap_or(Type::Scalar(Scalar::String)),
            class: field.class,
            doc: field.doc,
            unit: field.unit,
            propagate: field.propagate,
            place: field.name.spot.place(),
        })
        .collect();
    schema
}

struct Checker<'a> {
    fields: &'a [FieldEntry],
    file: &'a str,
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
                format!("{kind} `{}` ({})", first.value, self.at(first.spot))
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
                Some(field) if field.class == Class::Secret => {
                    let declared = self.at(field.name.spot);
                    let what = format!(
                        "{owner} names the field `{}`, which is secret ({declared})",
                        name.value
                    );
                    let way_out = "remove it here: a secret is never logged";
                    self.found.add(name.spot, &codes::SECRET, what, way_out);
                }
                Some(_) => {}
            }
            out.push(Requirement {
                field: name.value.clone(),
                place: name.spot.place(),
            });
        }
        out
    }

    fn event(&mut self, entry: &EventEntry, schema: &Schema) -> Option<Event> {
        let owner = format!("[event.{}]", entry.name.value);
        let own = self.requirements(&entry.required, &owner);
        let optional = self.requirements(&entry.optional, &owner);
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
        let level = entry.level.and_then(|level| schema.level(level));
        let mut required: Vec<Requirement> = Vec::new();
        let by_category = category.map_or(&[][..], |category| &category.required);
        let by_level = level.map_or(&[][..], |level| &level.required);
        for requirement in by_category.iter().chain(by_level).chain(&own) {
            if !required.iter().any(|other| other.field == requirement.field) {
                required.push(requirement.clone());
            }
        }
        for (index, name) in entry.optional.iter().enumerate() {
            if entry.optional[..index]
                .iter()
                .any(|other| other.value == name.value)
            {
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
                    "`{}` is optional here, and required by {who} ({}:{})",
                    name.value, self.file, place.line
                );
                let way_out = "remove it from `optional`, or from what requires it";
                self.found
                    .add(name.spot, &codes::REQUIRED_AND_OPTIONAL, what, way_out);
            }
        }
        Some(Event {
            name: entry.name.value.clone(),
            category: category?.name.clone(),
            level: entry.level?,
            message: entry.message.clone()?,
            doc: entry.doc.clone(),
            required,
            optional,
            limit: entry.limit,
            retention: entry.retention,
            place: entry.name.spot.place(),
        })
    }

    /// `schema.toml:42`
    fn at(&self, spot: Spot) -> String {
        format!("{}:{}", self.file, spot.line)
    }
}
