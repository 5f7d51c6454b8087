//! What the programs make rows, a real ClickHouse takes: every case and twenty thousand hostile lines in one batch, into a
//! table whose paths have the narrowest types that the schema allows.
#![allow(missing_docs, reason = "a test")]

use chrono::DateTime;
use serde_json::Value;
use std::path::Path;
use tracel_cli::{clickhouse::ClickHouse, generate, migrate::migrate};
use tracel_dev::testing;
use tracel_pipeline::{
    random,
    remap::{Line, Outcome, Remap},
    store::{Fault, Store},
};
use tracel_schema::{
    generate::{
        clickhouse::clickhouse as clickhouse_of,
        vector::{self, cases::CAME, cases::cases},
    },
    model::{Class, Scalar, Schema, Type},
};

/// The narrowest type of ClickHouse's that a field's path may be given.
fn narrowest(ty: &Type, class: Class) -> Option<String> {
    if class == Class::Sensitive {
        return Some("String".to_owned());
    }
    let scalar = |scalar: Scalar| match scalar {
        Scalar::Bool => "Bool",
        Scalar::I8 => "Int8",
        Scalar::I16 => "Int16",
        Scalar::I32 => "Int32",
        Scalar::I64 => "Int64",
        Scalar::U8 => "UInt8",
        Scalar::U16 => "UInt16",
        Scalar::U32 => "UInt32",
        Scalar::U64 | Scalar::Duration => "UInt64",
        Scalar::F64 => "Float64",
        Scalar::Uuid => "UUID",
        Scalar::Timestamp => "DateTime64(9, 'UTC')",
        Scalar::String | Scalar::Ip | Scalar::Bytes | Scalar::Json | Scalar::Error => "String",
    };
    match (class, ty) {
        (Class::Secret, _) => None,
        (_, Type::Enum(_)) => Some("LowCardinality(String)".to_owned()),
        (_, Type::Scalar(one)) => Some(scalar(*one).to_owned()),
        (_, Type::List(one)) => Some(format!("Array({})", scalar(*one))),
    }
}

fn paths(schema: &Schema) -> String {
    let paths = schema
        .fields
        .iter()
        .filter_map(|field| Some(format!("{} {}", field.name, narrowest(&field.ty, field.class)?)));
    paths.collect::<Vec<_>>().join(", ")
}

fn query(store: &ClickHouse, sql: &str) -> String {
    let answer = store
        .query(sql, &[])
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    answer.trim_end().to_owned()
}

#[test]
fn no_row_of_every_type_is_refused() {
    no_row_is_refused("tests/schema.toml", "vector_types");
}

#[test]
fn no_row_of_the_demo_is_refused() {
    no_row_is_refused("demo/schema.toml", "vector_demo");
}

fn no_row_is_refused(schema: &str, database: &str) {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let schemas =
        generate::read(&[root.join(schema)]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let files = generate::files(&schemas);
    let text = |name: &str| {
        &files
            .iter()
            .find(|file| file.path.ends_with(name))
            .expect("a file")
            .text
    };
    let remap =
        Remap::new(text("tracel.vrl"), text("quarantine.vrl")).unwrap_or_else(|error| panic!("{error}"));

    let (mut rows, mut quarantined) = (Vec::new(), Vec::new());
    let mut add = |bytes: &[u8], came: i64| {
        let place = Some(("logs", 3, 7));
        match remap.line(&Line { bytes, place, came }).expect("an outcome") {
            Outcome::Row(row) => rows.push(row),
            Outcome::Quarantined(row) => quarantined.push(row),
        }
    };
    let came = DateTime::parse_from_rfc3339(CAME)
        .expect("a time")
        .timestamp_millis();
    let all = vector::Schemas {
        together: &schemas.together,
        each: &schemas.each,
    };
    for case in cases(all) {
        add(case.text().as_bytes(), came);
    }
    // As many days as a journal that was lost for months may bring in one batch.
    for day in 0..150_i64 {
        let time = DateTime::from_timestamp_millis(came - day * 86_400_000).expect("a time");
        let line = format!(
            "{{\"timestamp\":\"{}\",\"level\":\"info\",\"service_name\":\"late\",\"message\":\"{day}\"}}",
            time.format("%Y-%m-%dT%H:%M:%SZ")
        );
        add(line.as_bytes(), came);
    }
    let mut rng = fastrand::Rng::with_seed(random::seed());
    for _ in 0..20_000 {
        add(&random::line(&mut rng), came);
    }
    assert!(
        rows.len() > 1_000 && quarantined.len() > 1_000,
        "{} {}",
        rows.len(),
        quarantined.len()
    );

    let clickhouse = ClickHouse::new(&server.without(database)).expect("an address");
    migrate(&clickhouse).expect("migrates");
    let typed = format!(
        "ALTER TABLE logs MODIFY COLUMN metadata JSON({})",
        paths(&schemas.together)
    );
    query(&clickhouse, &typed);
    let store = Store::new(server.url(), database);
    insert(&store, "logs", &rows);
    insert(&store, "quarantine", &quarantined);
    assert_eq!(
        query(&clickhouse, "SELECT count() FROM logs"),
        rows.len().to_string()
    );
    assert_eq!(
        query(&clickhouse, "SELECT count() FROM quarantine"),
        quarantined.len().to_string()
    );
    // What is in it is what was sent: the greatest number, and a time that was moved.
    let greatest = "SELECT count() > 0 FROM logs WHERE metadata.amount = 18446744073709551615";
    assert_eq!(query(&clickhouse, greatest), "1");
    let moved = "SELECT count() > 0 FROM logs WHERE extra['timestamp'] = '1600-01-01T00:00:00Z' AND toYear(timestamp) = 2025";
    assert_eq!(query(&clickhouse, moved), "1");
    assert_eq!(
        query(
            &clickhouse,
            "SELECT uniqExact(toDate(timestamp)) >= 150 FROM logs"
        ),
        "1"
    );

    // The types that `tracel migrate --schema` gives it take them too.
    query(&clickhouse, "TRUNCATE TABLE logs");
    for (_, text) in clickhouse_of(&schemas.together) {
        for statement in text.split(";\n").filter(|statement| statement.contains("ALTER")) {
            query(&clickhouse, statement);
        }
    }
    insert(&store, "logs", &rows);
    assert_eq!(
        query(&clickhouse, "SELECT count() FROM logs"),
        rows.len().to_string()
    );
    query(&clickhouse, &typed);

    // The narrow table does refuse what the programs keep from it.
    let wrong =
        serde_json::json!({ "timestamp": CAME, "metadata": { "amount": 1.844_674_407_370_955_2e19 } });
    assert!(matches!(
        store.insert("logs", &[wrong]),
        Err(Fault::Refused(_) | Fault::Stalled(_))
    ));
}

/// All rows in one batch; when that is refused, says which row it is.
fn insert(store: &Store, table: &str, rows: &[Value]) {
    let Err(fault) = store.insert(table, rows) else {
        return;
    };
    let mut rows = rows;
    while rows.len() > 1 {
        let (first, second) = rows.split_at(rows.len() / 2);
        match store.insert(table, first) {
            Err(_) => rows = first,
            Ok(()) => rows = second,
        }
    }
    panic!("{fault:?}\nfor {}", rows[0]);
}
