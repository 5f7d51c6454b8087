//! What an assertion wants, how a record is held against it, and what is said when none is like it.

use super::{Logs, Record};
use crate::{
    JsonValue,
    callsite::{Sending, shape_of as shape_of_text},
    event::{Event, Key, Shape},
    record::{
        members::{Labels, Members},
        sensitive,
    },
    value::Val,
};
use std::fmt::{self, Write};
use tracing_core::Level;

/// What an assertion wants. Written by its macro.
#[derive(Debug)]
pub struct Wanted {
    level: Option<Level>,
    category: &'static str,
    /// "" for a message.
    event: &'static str,
    message: &'static str,
    /// The keys, each with its value as a record would have it; `None` where it must be absent.
    values: Vec<(&'static str, Option<JsonValue>)>,
}

impl Wanted {
    /// The log of this shape, with values for these keys.
    #[must_use]
    pub fn new(level: Option<Level>, shape: &Shape, keys: &'static [Key], values: &[Val<'_>]) -> Self {
        let mut wanted = Vec::new();
        sensitive::with_classes(shape.schema.sensitive, keys, values, |values| {
            let mut members = Members::default();
            members.add_all(&Labels::of(keys), values);
            let json = |key: &Key| {
                let json = members.json(key.name)?;
                Some(serde_json::from_slice(json).expect("a member is JSON"))
            };
            wanted = keys.iter().map(|key| (key.name, json(key))).collect();
        });
        Wanted {
            level,
            category: shape.category,
            event: shape.event,
            message: shape.message,
            values: wanted,
        }
    }

    /// This event, whole.
    pub fn event<E: Event + ?Sized>(level: Option<Level>, event: &E) -> Self {
        let mut wanted = WantedEvent { level, wanted: None };
        event.values(&mut Sending::Wanted(&mut wanted));
        wanted.wanted.expect("an event hands its values out")
    }

    /// What is not as it should be.
    fn differences(&self, record: &Record) -> Vec<Difference> {
        let mut all = Vec::new();
        let mut compare = |key, wanted: Option<JsonValue>, found: Option<JsonValue>, weight| {
            if wanted != found {
                all.push(Difference {
                    key,
                    wanted,
                    found,
                    weight,
                });
            }
        };
        let text = |text: &str| Some(JsonValue::from(text)).filter(|_| !text.is_empty());
        if let Some(level) = self.level {
            compare("level", text(level.as_str()), text(record.level().as_str()), 2);
        }
        compare("log_type", text(self.category), text(record.log_type()), 3);
        let event = record.event_name().unwrap_or_default();
        compare("event_name", text(self.event), text(event), 20);
        let strange = self
            .message
            .split_whitespace()
            .filter(|word| !record.message().split_whitespace().any(|other| other == *word));
        let weight = 20 + 10 * strange.count();
        compare("message", text(self.message), text(record.message()), weight);
        for (key, wanted) in &self.values {
            let found = record.get(key).cloned();
            let weight = 1 + usize::from(found.is_none());
            compare(key, wanted.clone(), found, weight);
        }
        all
    }
}

/// An event that is wanted, while it hands its values out.
#[derive(Debug)]
pub struct WantedEvent {
    level: Option<Level>,
    wanted: Option<Wanted>,
}

impl WantedEvent {
    pub(crate) fn set(&mut self, shape: &'static Shape, values: &[Val<'_>]) {
        self.wanted = Some(Wanted::new(self.level, shape, shape.keys, values));
    }
}

/// As a log is written, with the values that a record would have.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(level) = self.level {
            write!(f, "{level} ")?;
        }
        let Wanted { category, event, .. } = self;
        match *event {
            "" => write!(f, "{category} {:?}", self.message)?,
            event => write!(f, "{category} {event} {:?}", self.message)?,
        }
        for (key, value) in &self.values {
            match value {
                Some(value) => write!(f, " {key}={value}")?,
                None => write!(f, " {key} absent")?,
            }
        }
        Ok(())
    }
}

/// A key of the record or of its metadata that is not as it should be.
struct Difference {
    key: &'static str,
    wanted: Option<JsonValue>,
    found: Option<JsonValue>,
    /// How much it sets a record apart.
    weight: usize,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.key)?;
        match &self.wanted {
            Some(wanted) => write!(f, "wanted {wanted}, ")?,
            None => f.write_str("wanted absent, ")?,
        }
        match &self.found {
            Some(found) => write!(f, "is {found}"),
            None => f.write_str("is absent"),
        }
    }
}

/// What is constant about the event that this function takes, which is never called. Written by `assert_logged!`, which finds
/// an event's type by a pattern.
#[must_use]
pub fn shape_of<E: Event>(_pattern: fn(E)) -> &'static Shape {
    shape_of_text(E::TEXT)
}

/// Returns the first record that is as wanted. Called by `assert_logged!`.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn assert_logged(logs: &Logs, wanted: &Wanted) -> Record {
    let records = logs.records();
    let compared = records
        .iter()
        .map(|record| (record, wanted.differences(record)))
        .min_by_key(|(_, differences)| {
            let weights = differences.iter().map(|difference| difference.weight);
            weights.sum::<usize>()
        });
    match compared {
        Some((record, differences)) if differences.is_empty() => record.clone(),
        Some((record, differences)) => {
            let mut text = format!("not logged: {wanted}\nnearest of {}:\n  {record}", records.len());
            text.push_str("\nwhat differs:");
            for difference in differences {
                // Writing to a string does not fail.
                let _ = write!(text, "\n  {difference}");
            }
            panic!("{text}")
        }
        None => panic!(
            "not logged: {wanted}\nnothing was: the capture takes what its thread logs, and what that starts with \
             `tracel::spawn`, `tracel::thread::spawn` and their like"
        ),
    }
}

/// Called by `assert_not_logged!`.
///
/// # Panics
/// When a record is as it is not wanted.
#[track_caller]
pub fn assert_not_logged(logs: &Logs, unwanted: &Wanted) {
    let found = logs
        .records()
        .into_iter()
        .find(|record| unwanted.differences(record).is_empty());
    if let Some(record) = found {
        panic!("logged: {unwanted}\nby the record\n  {record}");
    }
}
