//! Cases for what each schema asks of its own records, and for those of a schema that is not known.

use super::{Case, Record, Schemas, json};
use crate::{
    generate::vector::{label, required::missing},
    model::{Event, Level, Schema},
};

pub(super) fn cases(schemas: Schemas<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    for schema in schemas.each {
        let label = label(schema);
        for category in &schema.categories {
            let record = Record::of(schema, &category.name);
            let title = |what: &str| format!("{label}: a record of the category {}{what}", category.name);
            cases.push(record.clone().becomes(title(""), &[]));
            for field in &category.required {
                if let Some(missing) = missing(schema, &field.field) {
                    if missing.ends_with("null") {
                        let record = record.clone().meta(&field.field, "null");
                        cases.push(
                            record.refused(title(&format!(" whose {} is null", field.field)), "missing"),
                        );
                    }
                    let record = record.clone().without_meta(&field.field);
                    cases.push(
                        record
                            .clone()
                            .refused(title(&format!(" without {}", field.field)), "missing"),
                    );
                    excused(
                        &mut cases,
                        schema,
                        &record,
                        &title(&format!(" without {}", field.field)),
                    );
                }
            }
        }
        let record = Record::of(schema, "system");
        cases.push(
            record
                .clone()
                .with("log_type", "\"nobody's\"")
                .refused(format!("{label}: a category that it does not have"), "category"),
        );
        let mut long = record.with("message", "\"PADDING\"");
        long.padding = schema.policy.max_record as usize;
        cases.push(
            long.clone()
                .becomes(format!("{label}: a record as long as its envelope makes it"), &[]),
        );
        long.padding += 2048;
        cases.push(long.refused(format!("{label}: a record longer than max_record"), "too_long"));
        for rule in &schema.levels {
            for field in &rule.required {
                let record = leveled(schema, Record::of(schema, "system"), rule.level);
                if missing(schema, &field.field).is_some() {
                    let title = format!(
                        "{label}: a record of the level {} without {}",
                        rule.level, field.field
                    );
                    cases.push(record.without_meta(&field.field).refused(title, "missing"));
                }
            }
        }
        for event in &schema.events {
            of_event(&mut cases, schema, event);
        }
    }
    cases
}

/// What is asked of nobody else: other schemas' records, other crates', TraceL's own, and what was cut.
fn excused(cases: &mut Vec<Case>, schema: &Schema, record: &Record, title: &str) {
    for version in [schema.version + 1, schema.version + 1000] {
        let ahead = json(&format!("{}@{version}", schema.name));
        cases.push(
            record
                .clone()
                .with("schema", &ahead)
                .with("log_type", "\"brand_new\"")
                .meta("tracel_brand_new", "[1]")
                .becomes(
                    format!("{title}, of version {version}"),
                    &[".extra.tracel_brand_new == \"[1]\""],
                ),
        );
    }
    let record = record.clone();
    cases.push(
        record
            .clone()
            .with("target", "\"hyper\"")
            .becomes(format!("{title}, of another crate"), &[]),
    );
    let own = record.clone().with("event_name", "\"tracel_request_ended\"");
    cases.push(own.becomes(format!("{title}, TraceL's own"), &[]));
    cases.push(
        record
            .extra("tracel_cut", "\"a b\"")
            .becomes(format!("{title}, cut"), &[]),
    );
}

/// The record at this level, with all that the level requires.
fn leveled(schema: &Schema, record: Record, level: Level) -> Record {
    let record = record.with("level", &json(&level.name().to_uppercase()));
    let required = schema.level(level).map_or(&[][..], |rule| &rule.required);
    required
        .iter()
        .fold(record, |record, field| record.meta_sample(schema, &field.field))
}

fn of_event(cases: &mut Vec<Case>, schema: &Schema, event: &Event) {
    let title = |what: &str| format!("{}: the event {}{what}", label(schema), event.name);
    let record = event.required.iter().fold(
        leveled(schema, Record::of(schema, &event.category), event.level)
            .with("event_name", &json(&event.name)),
        |record, field| record.meta_sample(schema, &field.field),
    );
    let check = format!(".event_name == \"{}\"", event.name);
    cases.push(record.clone().becomes(title(""), &[&check]));
    let all = event.optional.iter().fold(record.clone(), |record, field| {
        record.meta_sample(schema, &field.field)
    });
    cases.push(all.becomes(title(" with all that it may have"), &[&check]));
    for field in &event.required {
        if missing(schema, &field.field).is_some() {
            let record = record.clone().without_meta(&field.field);
            cases.push(record.refused(title(&format!(" without {}", field.field)), "missing"));
        }
    }
    if let Some(level) = Level::ALL.into_iter().find(|level| *level != event.level) {
        let record = leveled(schema, record.clone(), level);
        cases.push(record.refused(title(&format!(" at the level {level}")), "event"));
    }
    if let Some(category) = schema
        .categories
        .iter()
        .find(|category| category.name != event.category)
    {
        let record = category
            .required
            .iter()
            .fold(record, |record, field| record.meta_sample(schema, &field.field))
            .with("log_type", &json(&category.name));
        cases.push(record.refused(title(&format!(" in the category {}", category.name)), "event"));
    }
}
