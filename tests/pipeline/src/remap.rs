//! The two programs of `deploy/vector`, run as Vector's remap transforms run them: what the first refuses goes, as it
//! came and with the reason, through the second.

use serde_json::Value as Json;
use std::{fs, path::Path};
use vrl::{
    compiler::{
        ExpressionError, Program, TargetValue, TimeZone, compile,
        runtime::{Runtime, Terminate},
        state::RuntimeState,
    },
    diagnostic::Formatter,
    value::{KeyString, ObjectMap, Secrets, Value},
};

/// Both programs.
#[derive(Debug)]
pub struct Remap {
    rows: Program,
    quarantine: Program,
}

/// What becomes of a line: always one of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A row of `logs`.
    Row(Json),
    /// A row of `quarantine`.
    Quarantined(Json),
}

/// A line as a source of Vector hands it on.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Topic, partition and offset, when it came from Kafka.
    pub place: Option<(&'a str, i32, i64)>,
    /// When it came there, in milliseconds since 1970.
    pub came: i64,
}

impl Remap {
    /// The programs in this folder.
    ///
    /// # Errors
    /// When one cannot be read or does not compile.
    pub fn open(folder: &Path) -> Result<Remap, String> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        Remap::new(&read("tracel.vrl")?, &read("quarantine.vrl")?)
    }

    /// These programs.
    ///
    /// # Errors
    /// When one does not compile.
    pub fn new(rows: &str, quarantine: &str) -> Result<Remap, String> {
        Ok(Remap {
            rows: program("tracel.vrl", rows)?,
            quarantine: program("quarantine.vrl", quarantine)?,
        })
    }

    /// What becomes of a line.
    ///
    /// # Errors
    /// When the program for what is refused fails itself: Vector would send the line on as it is.
    pub fn line(&self, line: &Line<'_>) -> Result<Outcome, String> {
        let event = event(line);
        let (reason, error) = match run(&self.rows, event.clone()) {
            Ok(row) => return json(row).map(Outcome::Row),
            Err(Terminate::Abort(error)) => ("abort", error),
            Err(Terminate::Error(error)) => ("error", error),
            Err(Terminate::Interrupted) => ("error", ExpressionError::Interrupted),
        };
        let row = run(&self.quarantine, dropped(event, reason, &error))
            .map_err(|error| format!("quarantine.vrl failed: {error}"))?;
        json(row).map(Outcome::Quarantined)
    }
}

/// Compiles a program; what is wrong with it is told as Vector tells it.
pub fn program(name: &str, text: &str) -> Result<Program, String> {
    let compiled = compile(text, &vrl::stdlib::all());
    compiled
        .map(|compiled| compiled.program)
        .map_err(|diagnostics| format!("{name} does not compile:\n{}", Formatter::new(text, diagnostics)))
}

/// Runs a program over an event and returns what it made of it.
pub fn run(program: &Program, event: Value) -> Result<Value, Terminate> {
    let mut target = TargetValue {
        value: event,
        metadata: Value::Object(ObjectMap::new()),
        secrets: Secrets::default(),
    };
    resolve(program, &mut target)?;
    Ok(target.value)
}

/// Whether a condition holds of an event.
pub fn holds(condition: &str, event: &Json) -> Result<bool, String> {
    let program = program("condition", condition)?;
    let mut target = TargetValue {
        value: Value::from(event.clone()),
        metadata: Value::Object(ObjectMap::new()),
        secrets: Secrets::default(),
    };
    let value = resolve(&program, &mut target).map_err(|error| format!("{condition}: {error}"))?;
    Ok(value == Value::Boolean(true))
}

fn resolve(program: &Program, target: &mut TargetValue) -> Result<Value, Terminate> {
    Runtime::new(RuntimeState::default()).resolve(target, program, &TimeZone::default())
}

/// The event that Vector's kafka or http_server source makes of a line, decoded as bytes.
fn event(line: &Line<'_>) -> Value {
    let mut event = ObjectMap::new();
    let mut add = |key: &str, value: Value| event.insert(KeyString::from(key), value);
    add("message", Value::Bytes(line.bytes.to_vec().into()));
    match line.place {
        Some((topic, partition, offset)) => {
            add("message_key", Value::Null);
            add("topic", Value::from(topic));
            add("partition", Value::Integer(partition.into()));
            add("offset", Value::Integer(offset));
            add("headers", Value::Object(ObjectMap::new()));
            add("source_type", Value::from("kafka"));
        }
        None => {
            add("path", Value::from("/"));
            add("source_type", Value::from("http_server"));
        }
    }
    if let Some(came) = chrono::DateTime::from_timestamp_millis(line.came) {
        add("timestamp", Value::Timestamp(came));
    }
    Value::Object(event)
}

/// What a remap transform adds to an event that it drops.
fn dropped(event: Value, reason: &str, error: &ExpressionError) -> Value {
    let message = match error {
        ExpressionError::Abort {
            message: Some(message),
            ..
        } => message.clone(),
        error => error.to_string(),
    };
    let mut event = event.into_object().unwrap_or_default();
    let about = vrl::value!({ "dropped": {
        "reason": reason,
        "message": message,
        "component_id": "rows",
        "component_type": "remap",
        "component_kind": "transform",
    }});
    event.insert(KeyString::from("metadata"), about);
    Value::Object(event)
}

/// A row as the clickhouse sink encodes it.
fn json(row: Value) -> Result<Json, String> {
    serde_json::to_value(row).map_err(|error| format!("a row that is no JSON: {error}"))
}
