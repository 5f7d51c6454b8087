//! What the tests across crates share: a log whose records a test reads back, and brokers (feature `e2e`).

#[cfg(feature = "e2e")]
pub mod broker;

pub mod promise;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tracel::{
    Guard, Layer, Schema,
    sink::{Batch, SendError, Sent, Sink},
};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// A sink that keeps what it is sent.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Sink for Kept {
    fn name(&self) -> String {
        "kept:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(batch.bytes);
        Ok(Sent::Acknowledged)
    }
}

/// A sink that is away.
pub struct Down;

impl Sink for Down {
    fn name(&self) -> String {
        "down:".into()
    }

    fn send(&mut self, _: &Batch<'_>) -> Result<Sent, SendError> {
        Err(SendError::retry("nobody is there"))
    }
}

impl Kept {
    /// The records so far, each parsed strictly: a key that stands twice is an error. Without the census, which may
    /// come at any time on a slow machine.
    ///
    /// # Panics
    /// When a line is no JSON object, or has a key twice.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(strict)
            .filter(|record| !is_census(record))
            .collect()
    }

    /// The lines so far.
    ///
    /// # Panics
    /// When they are not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("a log is UTF-8")
    }
}

/// Whether a record is a census, which TraceL adds to every log.
#[must_use]
pub fn is_census(record: &Value) -> bool {
    record["event_name"] == "tracel_census"
}

/// The records among lines that have arrived, in no order, and how many others are announced as lost.
///
/// # Panics
/// When a number of a lane is missing or stands twice, be it a record's or an announced one.
#[must_use]
pub fn complete<'l>(lines: impl IntoIterator<Item = &'l str>) -> (Vec<Value>, u64) {
    let mut lanes = BTreeMap::<(String, u64), Vec<(u64, u64)>>::new();
    let (mut records, mut announced) = (Vec::new(), 0);
    for record in lines.into_iter().map(strict) {
        let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{record}"));
        let first = number(&record["seq"]);
        let lane = (record["instance"].to_string(), number(&record["lane"]));
        let lost = &record["metadata"]["tracel_lost"];
        let last = match lost.is_null() {
            true => first,
            false => {
                announced += number(lost);
                record["metadata"]["tracel_last_seq"].as_u64().unwrap_or(first)
            }
        };
        lanes.entry(lane).or_default().push((first, last));
        if lost.is_null() {
            records.push(record);
        }
    }
    for (lane, mut spans) in lanes {
        spans.sort_unstable();
        for pair in spans.windows(2) {
            assert_eq!(pair[0].1 + 1, pair[1].0, "lane {lane:?}: {pair:?}");
        }
    }
    (records, announced)
}

/// A layer of this schema, its guard, and what it writes.
///
/// # Panics
/// When the environment says something else, and wrongly.
pub fn layer(schema: Schema) -> (Layer, Guard, Kept) {
    let kept = Kept::default();
    let (layer, guard) = tracel::init(schema)
        .levels("trace")
        .sink_with(kept.clone())
        .build()
        .expect("a layer");
    (layer, guard, kept)
}

/// The records of what `run` logs on this thread.
///
/// # Panics
/// When they do not come within ten seconds.
pub fn records(schema: Schema, run: impl FnOnce()) -> Vec<Value> {
    let (layer, guard, kept) = layer(schema);
    let subscriber = tracing_subscriber::registry().with(layer);
    dispatcher::with_default(&Dispatch::new(subscriber), run);
    guard.flush(Duration::from_secs(10)).expect("flushed");
    kept.records()
}

/// Parses a line, and refuses a key that stands twice.
///
/// # Panics
/// When the line is no JSON, or has a key twice.
#[must_use]
pub fn strict(line: &str) -> Value {
    serde_json::from_str::<Strict>(line)
        .unwrap_or_else(|error| panic!("{error}: {line}"))
        .0
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(list.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = Map::new();
                while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
                    if map.insert(key.clone(), value).is_some() {
                        return Err(de::Error::custom(format!("the key `{key}` stands twice")));
                    }
                }
                Ok(map.into())
            }
        }
        deserializer.deserialize_any(Any).map(Strict)
    }
}
