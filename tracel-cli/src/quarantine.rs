//! `tracel quarantine`: what broke the schema and lies in ClickHouse with the bytes as they came, and sending it again
//! once the schema is mended. Why a record comes there, Vector's programs know.

use crate::{
    clickhouse::{ClickHouse, Error, UNKNOWN_DATABASE, UNKNOWN_TABLE},
    deliver::Delivery,
};
use base64::Engine;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use tracel::sink::Address;
use uuid::Uuid;

/// What is held for one reason, and was not replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub reason: String,
    /// How many records.
    pub count: u64,
    /// When the first and the last came.
    pub came: (String, String),
    /// The services that say so in them; not more than five.
    pub services: Vec<String>,
    /// The id of one, and what was said of it.
    pub example: (Uuid, String),
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What is known of it: the row without the bytes.
    pub row: Value,
    /// The bytes as they came.
    pub original: Vec<u8>,
}

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Only these; also such as were replayed before.
    pub ids: Vec<Uuid>,
    /// Only those of this reason.
    pub reason: Option<String>,
}

const PLAIN_NUMBERS: (&str, &str) = ("output_format_json_quote_64bit_integers", "0");

/// What is held, by reason, the most first.
///
/// # Errors
/// When ClickHouse cannot be asked.
pub fn reasons(server: &ClickHouse) -> Result<Vec<Reason>, String> {
    let sql = "SELECT reason, count() AS found, toString(min(arrived)), toString(max(arrived)), groupUniqArray(5)(service_name), \
               argMax(id, arrived), argMax(detail, arrived) FROM quarantine_open GROUP BY reason ORDER BY found DESC, reason \
               FORMAT JSONCompactEachRow";
    let text = server
        .query(sql, &[PLAIN_NUMBERS])
        .map_err(|error| explain(server, &error))?;
    text.lines().map(reason).collect()
}

fn reason(line: &str) -> Result<Reason, String> {
    let values: Vec<Value> = serde_json::from_str(line)
        .map_err(|error| format!("ClickHouse answers {line}, which is no reason: {error}"))?;
    let value = |at: usize| values.get(at).unwrap_or(&Value::Null);
    let text = |at: usize| value(at).as_str().unwrap_or_default().to_owned();
    let services = value(4).as_array().into_iter().flatten();
    let mut services: Vec<String> = services
        .filter_map(|service| Some(service.as_str()?.to_owned()).filter(|service| !service.is_empty()))
        .collect();
    services.sort();
    Ok(Reason {
        reason: text(0),
        count: value(1).as_u64().unwrap_or_default(),
        came: (text(2), text(3)),
        services,
        example: (text(5).parse().unwrap_or_default(), text(6)),
    })
}

/// One record; `None` when there is none of this id.
///
/// # Errors
/// When ClickHouse cannot be asked, or the bytes are not what the row says.
pub fn show(server: &ClickHouse, id: Uuid) -> Result<Option<Held>, String> {
    let id = id.to_string();
    let sql = "SELECT *, id FROM quarantine WHERE id = {id:UUID} ORDER BY arrived LIMIT 1 FORMAT JSONEachRow";
    let text = server
        .query(sql, &[("param_id", &id), PLAIN_NUMBERS])
        .map_err(|error| explain(server, &error))?;
    text.lines().next().map(held).transpose()
}

fn held(line: &str) -> Result<Held, String> {
    let mut row: Value = serde_json::from_str(line).map_err(|error| format!("no row: {error}"))?;
    let taken = row.as_object_mut().and_then(|row| row.remove("original"));
    let text = taken.as_ref().and_then(Value::as_str).unwrap_or_default();
    let original = match row["encoding"].as_str() {
        Some("base64") => base64::engine::general_purpose::STANDARD
            .decode(text)
            .map_err(|error| format!("{} is no base64, though it says so: {error}", row["id"]))?,
        _ => text.as_bytes().to_vec(),
    };
    Ok(Held { row, original })
}

/// Sends records again, the oldest first, and remembers that. Gives how many were sent.
///
/// # Errors
/// When ClickHouse cannot be asked, or the other side does not take them; what it had taken before is remembered.
pub fn replay(server: &ClickHouse, to: &Address, which: &Which) -> Result<u64, String> {
    let ids: Vec<String> = which.ids.iter().map(|id| format!("'{id}'")).collect();
    let ids = format!("[{}]", ids.join(","));
    let from = if which.ids.is_empty() {
        "quarantine_open"
    } else {
        "quarantine"
    };
    let sql = format!(
        "SELECT id, original, encoding FROM {from} WHERE (empty({{ids:Array(UUID)}}) OR has({{ids:Array(UUID)}}, id)) \
         AND ({{all:UInt8}} = 1 OR reason = {{reason:String}}) ORDER BY arrived LIMIT 1 BY id FORMAT JSONEachRow"
    );
    let fields = [
        ("param_ids", ids.as_str()),
        ("param_all", if which.reason.is_none() { "1" } else { "0" }),
        ("param_reason", which.reason.as_deref().unwrap_or_default()),
    ];
    let rows = server
        .read(&sql, &fields)
        .map_err(|error| explain(server, &error))?;
    let mut delivery = Delivery::open(to)?;
    let (mut sent, mut lines, mut open) = (0, Vec::new(), Vec::new());
    for line in BufReader::new(rows).lines() {
        let line = line.map_err(|error| format!("ClickHouse's answer broke off: {error}"))?;
        let Held { row, original } = held(&line)?;
        // A line feed between JSON's words is a blank; in what is no JSON it was no part of a line.
        lines.extend(
            original
                .iter()
                .map(|byte| if *byte == b'\n' { b' ' } else { *byte }),
        );
        lines.push(b'\n');
        open.push(row["id"].as_str().unwrap_or_default().to_owned());
        if lines.len() > delivery.full() || open.len() == 1000 {
            sent += flush(server, &mut delivery, &mut lines, &mut open)?;
        }
    }
    Ok(sent + flush(server, &mut delivery, &mut lines, &mut open)?)
}

fn flush(
    server: &ClickHouse,
    delivery: &mut Delivery,
    lines: &mut Vec<u8>,
    ids: &mut Vec<String>,
) -> Result<u64, String> {
    if ids.is_empty() {
        return Ok(0);
    }
    delivery.send(lines)?;
    let rows: Vec<String> = ids.iter().map(|id| format!("('{id}')")).collect();
    let sql = format!("INSERT INTO quarantine_replayed (id) VALUES {}", rows.join(","));
    server
        .query(&sql, &[("async_insert", "0")])
        .map_err(|error| explain(server, &error))?;
    let sent = ids.len() as u64;
    lines.clear();
    ids.clear();
    Ok(sent)
}

fn explain(server: &ClickHouse, error: &Error) -> String {
    match error {
        Error::Exception(UNKNOWN_TABLE | UNKNOWN_DATABASE, _) => format!(
            "ClickHouse at {} has no quarantine in {}: `tracel migrate --to` makes it",
            server.server(),
            server.database()
        ),
        error => error.to_string(),
    }
}
