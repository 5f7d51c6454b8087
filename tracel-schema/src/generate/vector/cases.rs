//! Lines with what must become of them: one for every rule and field. They are Vector's unit tests, and those of the
//! programs in VRL's own runtime.

use super::Schemas;
use crate::model::{Class, Schema};

mod envelope;
mod fields;
mod samples;
mod schemas;

/// When Kafka got each line.
pub const CAME: &str = "2025-06-01T12:00:00Z";

/// What stands for a secret: no row, and nothing in the quarantine, may hold it.
pub const HIDDEN: &str = "hunter2";

/// A line and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is tried.
    pub name: String,
    /// The line; `PADDING` in it stands for so many `x`.
    pub line: String,
    /// See `line`; 0 when there is none.
    pub padding: usize,
    /// What must become of it.
    pub outcome: Outcome,
}

impl Case {
    /// The whole line.
    pub fn text(&self) -> String {
        match self.padding {
            0 => self.line.clone(),
            padding => self.line.replace("PADDING", &"x".repeat(padding)),
        }
    }
}

/// What becomes of a line.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A row, of which each of these expressions of VRL is true.
    Row(Vec<String>),
    /// Refused, with this reason.
    Refused(&'static str),
}

/// All cases.
pub fn cases(schemas: Schemas<'_>) -> Vec<Case> {
    let mut cases = envelope::cases();
    cases.extend(fields::cases(schemas));
    cases.extend(schemas::cases(schemas));
    cases
}

/// A record to be made a line: every value as JSON.
#[derive(Clone, Debug)]
struct Record {
    members: Vec<(String, String)>,
    metadata: Vec<(String, String)>,
    extra: Vec<(String, String)>,
    padding: usize,
}

impl Record {
    /// A right record of another language, and of no schema.
    fn foreign() -> Record {
        let members = [
            ("timestamp", "\"2025-06-01T11:59:58.123456789Z\""),
            ("level", "\"INFO\""),
            ("event_id", "\"0197248c-0000-7000-8000-000000000001\""),
            ("uuid", "\"0197248c-0000-7000-8000-000000000002\""),
            ("service_name", "\"Payment\""),
            ("module_name", "\"Transaction\""),
            ("message", "\"captured\""),
            ("log_type", "\"system\""),
        ];
        Record {
            members: members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            metadata: Vec::new(),
            extra: Vec::new(),
            padding: 0,
        }
    }

    /// A record of this schema and category, with all that the category requires.
    fn of(schema: &Schema, category: &str) -> Record {
        let record = Record::foreign()
            .with("schema", &json(&super::label(schema)))
            .with("log_type", &json(category));
        let required = schema
            .category(category)
            .map_or(&[][..], |category| &category.required);
        required
            .iter()
            .fold(record, |record, field| record.meta_sample(schema, &field.field))
    }

    fn with(mut self, name: &str, value: &str) -> Record {
        self = self.without(name);
        self.members.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Record {
        self.members.retain(|(member, _)| member != name);
        self
    }

    fn meta(mut self, name: &str, value: &str) -> Record {
        self = self.without_meta(name);
        self.metadata.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without_meta(mut self, name: &str) -> Record {
        self.metadata.retain(|(member, _)| member != name);
        self
    }

    /// With a right value of a field.
    fn meta_sample(self, schema: &Schema, name: &str) -> Record {
        match schema.field(name) {
            Some(field) if field.class == Class::Sensitive => self.meta(name, "\"***\""),
            Some(field) => self.meta(name, &samples::right(&field.ty)[0].0),
            None => self,
        }
    }

    fn extra(mut self, name: &str, value: &str) -> Record {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    fn line(&self) -> String {
        let object = |members: &[(String, String)]| {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{value}", json(name)))
                .collect();
            format!("{{{}}}", members.join(","))
        };
        let mut members = self.members.clone();
        for (name, inner) in [("metadata", &self.metadata), ("extra", &self.extra)] {
            if !inner.is_empty() {
                members.push((name.to_owned(), object(inner)));
            }
        }
        object(&members)
    }

    fn becomes(self, name: impl Into<String>, checks: &[&str]) -> Case {
        let checks = match checks {
            // Every row has at least come.
            [] => vec![".topic == \"logs\"".to_owned()],
            checks => checks.iter().map(|check| (*check).to_owned()).collect(),
        };
        Case {
            name: name.into(),
            line: self.line(),
            padding: self.padding,
            outcome: Outcome::Row(checks),
        }
    }

    fn refused(self, name: impl Into<String>, reason: &'static str) -> Case {
        Case {
            name: name.into(),
            line: self.line(),
            padding: self.padding,
            outcome: Outcome::Refused(reason),
        }
    }
}

/// A text as JSON writes it.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
