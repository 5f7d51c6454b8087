//! One record, read from a line of JSON. What is made of many, `tree` knows.

use super::time::{self, Nanos};
use serde_json::{Map, Value};
use tracel_schema::name::ENVELOPE;
use uuid::Uuid;

/// A record of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The request.
    pub event_id: Uuid,
    /// The record.
    pub uuid: Uuid,
    /// When it was logged.
    pub time: Nanos,
    /// The process's life that logged it; empty when it does not say.
    pub instance: String,
    /// The writer in it.
    pub lane: u64,
    /// Its number in the lane.
    pub seq: u64,
    /// Everything, as it was read.
    all: Map<String, Value>,
}

/// What a record leaves out when there is none; a table has an empty value there.
const OPTIONAL: [&str; 7] = [
    "event_name",
    "span_id",
    "parent_span_id",
    "span_name",
    "task",
    "target",
    "extra",
];
/// What a table has beside the record.
const OF_THE_TABLE: [&str; 5] = ["topic", "partition", "offset", "arrived", "kept_days"];

impl Record {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it: it is no JSON object, or lacks what a replay cannot do without.
    pub fn read(line: &[u8]) -> Result<Record, String> {
        let value: Value =
            serde_json::from_slice(line.trim_ascii()).map_err(|error| format!("no JSON: {error}"))?;
        let Value::Object(mut all) = value else {
            return Err("no JSON object".into());
        };
        all.retain(|key, value| {
            let is_empty = match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Object(map) => map.is_empty(),
                Value::Number(number) => number.as_u64() == Some(0),
                _ => false,
            };
            !(OF_THE_TABLE.contains(&key.as_str()) || is_empty && OPTIONAL.contains(&key.as_str()))
        });
        // A typed path of a table's JSON column is null where the record has no such field.
        if let Some(Value::Object(metadata)) = all.get_mut("metadata") {
            metadata.retain(|_, value| !value.is_null());
        }
        let text = |key: &str| match all.get(key) {
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(format!("`{key}` is no text")),
            None => Err(format!("it has no `{key}`")),
        };
        let id = |key: &str| Uuid::parse_str(text(key)?).map_err(|_| format!("`{key}` is no UUID"));
        let number = |key: &str| all.get(key).and_then(number);
        Ok(Record {
            event_id: id("event_id")?,
            uuid: id("uuid")?,
            time: time::parse(text("timestamp")?).ok_or("`timestamp` is no time in RFC 3339")?,
            instance: text("instance").unwrap_or_default().to_string(),
            lane: number("lane").unwrap_or_default(),
            seq: number("seq").unwrap_or_default(),
            all,
        })
    }

    /// The text under `key`; empty when there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.all.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number under `key`, if there is one; a text of digits is one too.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        self.all.get(key).and_then(number)
    }

    /// The object under `key`, if there is one.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        self.all.get(key).and_then(Value::as_object)
    }

    /// One line of JSON, its keys in the order of a record; keys that are none of a record's follow.
    #[must_use]
    pub fn to_json(&self) -> String {
        let known = ENVELOPE.iter().filter_map(|key| self.all.get_key_value(*key));
        let others = self
            .all
            .iter()
            .filter(|(key, _)| !ENVELOPE.contains(&key.as_str()));
        let pairs: Vec<String> = known
            .chain(others)
            .map(|(key, value)| format!("{}:{value}", Value::String(key.clone())))
            .collect();
        format!("{{{}}}", pairs.join(","))
    }
}

/// A number, also one that is too long for some readers of JSON and is therefore quoted.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::Record;

    const LINE: &str = r#"{"uuid":"0193cf1e-0000-7000-8000-000000000002","timestamp":"2026-11-22T11:40:00.1Z","event_id":"0193cf1e-0000-7000-8000-000000000001","metadata":{"b":18446744073709551615,"a":"x"},"task":0,"extra":{},"span_id":"","arrived":"2026-11-22 11:40:00","own":true,"seq":"7"}"#;

    #[test]
    fn a_record_is_written_in_its_order() {
        let record = Record::read(LINE.as_bytes()).expect("a record");
        assert_eq!(record.seq, 7);
        assert_eq!(
            record.to_json(),
            r#"{"timestamp":"2026-11-22T11:40:00.1Z","event_id":"0193cf1e-0000-7000-8000-000000000001","uuid":"0193cf1e-0000-7000-8000-000000000002","metadata":{"a":"x","b":18446744073709551615},"seq":"7","own":true}"#
        );
        assert_eq!(Record::read(record.to_json().as_bytes()), Ok(record));
    }

    #[test]
    fn what_is_no_record_says_why() {
        for (line, why) in [
            ("{", "no JSON"),
            ("[]", "no JSON object"),
            ("{}", "no `event_id`"),
            (r#"{"event_id":1}"#, "`event_id` is no text"),
            (r#"{"event_id":"x"}"#, "`event_id` is no UUID"),
            (
                &LINE.replace("2026-11-22T11:40:00.1Z", "yesterday"),
                "`timestamp` is no time",
            ),
        ] {
            assert!(
                Record::read(line.as_bytes()).is_err_and(|text| text.contains(why)),
                "{line}"
            );
        }
    }
}
