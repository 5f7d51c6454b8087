//! What no service of ours writes, and what must become of each: a row, or quarantine with its reason.

use serde_json::{Value, json};
use uuid::Uuid;

/// A line, and what becomes of it.
pub(crate) struct Poison {
    /// Stands in the line, so that it is found again.
    pub(crate) name: String,
    pub(crate) line: Vec<u8>,
    pub(crate) becomes: Becomes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Becomes {
    Row,
    /// Quarantine, for this reason.
    Held(&'static str),
}

/// The service that they say they are of. It has no `instance`: its records are not counted.
pub(crate) const SERVICE: &str = "poison";

/// A right record of the demo's schema.
fn record(name: &str) -> Value {
    json!({
        "timestamp": "2026-11-22T11:40:00.123456789Z", "level": "INFO", "uuid": Uuid::now_v7(),
        "event_id": Uuid::now_v7(), "service_name": SERVICE, "module_name": "m", "message": name,
        "metadata": { "user_id": 7, "amount": 100 }, "log_type": "user", "schema": "shop@1"
    })
}

/// Each kind once; `copy` makes the names of one call different from those of another.
pub(crate) fn each(copy: usize) -> Vec<Poison> {
    let changed = |kind: &str, becomes: Becomes, change: &dyn Fn(&mut Value)| {
        let name = format!("{kind} no. {copy}.");
        let mut record = record(&name);
        change(&mut record);
        let line = record.to_string().into_bytes();
        Poison { name, line, becomes }
    };
    let raw = |kind: &str, reason: &'static str, line: &dyn Fn(&str) -> Vec<u8>| {
        let name = format!("{kind} no. {copy}.");
        Poison {
            line: line(&name),
            becomes: Becomes::Held(reason),
            name,
        }
    };
    let great = |kind: &str, becomes, value: &str| {
        let mut poison = changed(kind, becomes, &|record| {
            record["metadata"]["amount"] = json!("GREAT")
        });
        let text = String::from_utf8_lossy(&poison.line).replace("\"GREAT\"", value);
        poison.line = text.into_bytes();
        poison
    };
    let remove = |record: &mut Value, place: &str, key: &str| {
        record[place].as_object_mut().and_then(|place| place.remove(key));
    };
    vec![
        raw("broken JSON", "not_json", &|name| {
            format!("{{\"level\":\"INFO\",\"message\":\"{name}\"").into_bytes()
        }),
        raw("no UTF-8", "not_json", &|name| {
            let mut line = format!("{{\"level\":\"INFO\",\"message\":\"{name} ").into_bytes();
            line.extend(b"\xff\xfe\"}");
            line
        }),
        // JSON makes six bytes of each of these.
        raw("control characters", "not_json", &|name| {
            let mut line = format!("\"{name} ").into_bytes();
            line.resize(900_000, 1);
            line
        }),
        raw("no object", "no_object", &|name| {
            format!("[\"{name}\"]").into_bytes()
        }),
        changed("a long one", Becomes::Held("too_long"), &|record| {
            record["extra"] = json!({ "long": "x".repeat(1_100_000) });
        }),
        changed("wrong type", Becomes::Held("type"), &|record| {
            record["metadata"]["user_id"] = json!("seven")
        }),
        changed(
            "wrong type of the envelope",
            Becomes::Held("envelope"),
            &|record| {
                record["event_id"] = json!("no UUID");
            },
        ),
        changed("missing field", Becomes::Held("missing"), &|record| {
            remove(record, "metadata", "user_id")
        }),
        changed("unknown level", Becomes::Held("level"), &|record| {
            record["level"] = json!("LOUD")
        }),
        // JSON's numbers end where doubles become inexact, in Vector; as text the same is a row.
        great(
            "bare u64 above 2^63",
            Becomes::Held("type"),
            "18446744073709551615",
        ),
        great("u64 above 2^63 as text", Becomes::Row, "\"18446744073709551615\""),
        changed("year 1600", Becomes::Row, &|record| {
            record["timestamp"] = json!("1600-01-01T00:00:00Z")
        }),
        changed("year 2362", Becomes::Row, &|record| {
            record["timestamp"] = json!("2362-04-12T00:00:00Z")
        }),
        changed("a leap second", Becomes::Row, &|record| {
            record["timestamp"] = json!("2016-12-31T23:59:60Z")
        }),
        changed("a.b beside a: {b}", Becomes::Row, &|record| {
            record["metadata"]["a.b"] = json!(1);
            record["metadata"]["a"] = json!({ "b": "2" });
        }),
        changed("deep JSON", Becomes::Row, &|record| {
            record["metadata"]["deep"] = (0..60).fold(json!(1), |inner, _| json!([inner]));
        }),
    ]
}

/// A message that packs right records around one bad line.
pub(crate) fn packed(copy: usize) -> (Vec<u8>, Vec<Poison>) {
    let bad = 3;
    let lines: Vec<Poison> = (0..8)
        .map(|index| {
            let name = format!("packed {index} no. {copy}.");
            let mut line = record(&name).to_string().into_bytes();
            let becomes = match index == bad {
                true => Becomes::Held("not_json"),
                false => Becomes::Row,
            };
            if index == bad {
                line.pop();
            }
            Poison { name, line, becomes }
        })
        .collect();
    let mut message = Vec::new();
    for poison in &lines {
        message.extend_from_slice(&poison.line);
        message.push(b'\n');
    }
    (message, lines)
}
