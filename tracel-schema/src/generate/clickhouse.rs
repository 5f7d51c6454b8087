//! From the model to what ClickHouse's tables need of it: the types of the fields and how long records are kept. The tables
//! themselves are the numbered files of `deploy/clickhouse`.

use crate::model::{Class, Field, Scalar, Schema, Type};
use std::fmt::Write;

/// The statements that fit the tables to a schema, as files of `deploy/clickhouse`, with their names. They can be run again,
/// and after a change of the schema.
pub fn clickhouse(schema: &Schema) -> Vec<(&'static str, String)> {
    let mut out = format!(
        "-- Generated from the schema {}@{}; what is edited here is lost. `tracel migrate --schema` applies it.\n\n",
        schema.name, schema.version
    );
    let paths: Vec<String> = schema
        .fields
        .iter()
        .filter_map(|field| Some(format!("    {} {}", field.name, type_of(field)?)))
        .collect();
    // Writing to a string cannot fail.
    let _ = match paths.is_empty() {
        true => writeln!(out, "ALTER TABLE logs MODIFY COLUMN metadata JSON;\n"),
        false => writeln!(
            out,
            "ALTER TABLE logs MODIFY COLUMN metadata JSON(\n{}\n);\n",
            paths.join(",\n")
        ),
    };
    let _ = writeln!(
        out,
        "ALTER TABLE logs MODIFY COLUMN kept_days UInt16 DEFAULT {};",
        kept(schema)
    );
    vec![("schema.sql", out)]
}

/// The type of a field's path. Each takes every value that the schema lets a service log, so that no record makes
/// ClickHouse refuse its batch; lists have none, and ClickHouse finds it for each value. A time is text, since it may lie
/// outside of what ClickHouse's types hold. So is JSON: as an object it would add paths, and ClickHouse refuses `a.b` beside
/// `a: {b}`.
fn type_of(field: &Field) -> Option<&'static str> {
    match (field.class, &field.ty) {
        // It is never in a record.
        (Class::Secret, _) => None,
        // Masked or hashed it is text.
        (Class::Sensitive, _) => Some("Nullable(String)"),
        (Class::Safe, Type::List(_)) => None,
        (Class::Safe, Type::Enum(_)) => Some("LowCardinality(Nullable(String))"),
        (Class::Safe, Type::Scalar(scalar)) => match scalar {
            Scalar::Bool => Some("Nullable(Bool)"),
            Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => Some("Nullable(Int64)"),
            Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 | Scalar::Duration => {
                Some("Nullable(UInt64)")
            }
            Scalar::F64 => Some("Nullable(Float64)"),
            Scalar::Uuid => Some("Nullable(UUID)"),
            Scalar::String
            | Scalar::Ip
            | Scalar::Timestamp
            | Scalar::Bytes
            | Scalar::Json
            | Scalar::Error => Some("Nullable(String)"),
        },
    }
}

/// For how many days a record is kept: what its event says, else its level, else the policy; 0 for ever.
fn kept(schema: &Schema) -> String {
    let mut classes: Vec<(u64, Vec<&str>)> = Vec::new();
    for event in &schema.events {
        let Some(days) = event.retention.map(days) else {
            continue;
        };
        match classes.iter_mut().find(|(other, _)| *other == days) {
            Some((_, events)) => events.push(&event.name),
            None => classes.push((days, vec![&event.name])),
        }
    }
    let mut cases: Vec<String> = classes
        .into_iter()
        .map(|(days, events)| format!("event_name IN ({}), {days}", quoted(&events)))
        .collect();
    for (level, seconds) in &schema.policy.retention_by_level {
        let level = level.name().to_uppercase();
        cases.push(format!("level = '{level}', {}", days(*seconds)));
    }
    let rest = schema.policy.retention.map_or(0, days);
    match cases.is_empty() {
        true => rest.to_string(),
        false => format!("multiIf(\n    {},\n    {rest})", cases.join(",\n    ")),
    }
}

/// A time in whole days, rounded up: nothing goes earlier than the schema says. None is so long that the column ends.
fn days(seconds: u64) -> u64 {
    seconds.div_ceil(86_400).clamp(1, u64::from(u16::MAX))
}

/// Names of events are lowercase words, so none needs to be escaped.
fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{clickhouse, days};
    use crate::model::{Class, Event, Field, Level, Place, Scalar, Schema, Type};

    fn field(name: &str, ty: Type, class: Class) -> Field {
        Field {
            name: name.into(),
            ty,
            class,
            doc: None,
            unit: None,
            propagate: false,
            place: Place::default(),
            class_place: Place::default(),
        }
    }

    fn event(name: &str, retention: Option<u64>) -> Event {
        Event {
            name: name.into(),
            category: "user".into(),
            level: Level::Info,
            message: "m".into(),
            doc: None,
            required: Vec::new(),
            optional: Vec::new(),
            limit: None,
            retention,
            place: Place::default(),
        }
    }

    #[test]
    fn types_and_retention_follow_the_schema() {
        let mut schema = Schema {
            name: "acme".into(),
            version: 3,
            fields: vec![
                field("user_id", Type::Scalar(Scalar::U64), Class::Safe),
                field("card", Type::Scalar(Scalar::U64), Class::Sensitive),
                field("password", Type::Scalar(Scalar::String), Class::Secret),
                field("currency", Type::Enum(vec!["EUR".into()]), Class::Safe),
                field("payload", Type::Scalar(Scalar::Json), Class::Safe),
                field("tags", Type::List(Scalar::String), Class::Safe),
            ],
            events: vec![
                event("captured", Some(365 * 86_400)),
                event("settled", None),
                event("declined", Some(365 * 86_400)),
                event("flooded", Some(3600)),
            ],
            ..Schema::default()
        };
        schema.policy.retention = Some(30 * 86_400 + 1);
        schema.policy.retention_by_level = vec![(Level::Debug, 3 * 86_400)];
        let files = clickhouse(&schema);
        assert_eq!(
            files,
            [(
                "schema.sql",
                "-- Generated from the schema acme@3; what is edited here is lost. `tracel migrate --schema` applies it.\n\
                 \n\
                 ALTER TABLE logs MODIFY COLUMN metadata JSON(\n    user_id Nullable(UInt64),\n    card Nullable(String),\n    \
                 currency LowCardinality(Nullable(String)),\n    payload Nullable(String)\n);\n\
                 \n\
                 ALTER TABLE logs MODIFY COLUMN kept_days UInt16 DEFAULT multiIf(\n    \
                 event_name IN ('captured', 'declined'), 365,\n    event_name IN ('flooded'), 1,\n    level = 'DEBUG', 3,\n    31);\n"
                    .to_owned()
            )]
        );
        assert_eq!(clickhouse(&schema), files);
        let plain = clickhouse(&Schema::default()).remove(0).1;
        assert!(
            plain.contains("metadata JSON;") && plain.contains("DEFAULT 0;"),
            "{plain}"
        );
    }

    #[test]
    fn days_are_rounded_up() {
        assert_eq!(
            [1, 86_400, 86_401, u64::MAX].map(days),
            [1, 1, 2, u64::from(u16::MAX)]
        );
    }
}
