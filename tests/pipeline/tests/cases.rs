//! Every case that `tracel generate` writes for `vector test`, through the same programs in VRL's own runtime; for the
//! schemas of `deploy/` and for one that has every type and class.
#![allow(missing_docs, reason = "a test")]

use chrono::DateTime;
use std::path::{Path, PathBuf};
use tracel_cli::generate::{self, Schemas};
use tracel_pipeline::remap::{Line, Outcome, Remap, holds};
use tracel_schema::generate::vector::{
    self,
    cases::{CAME, HIDDEN, Outcome as Expected, cases},
};

fn schemas(paths: &[&str]) -> Schemas {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    generate::read(&paths).unwrap_or_else(|faults| panic!("{}", faults.join("\n")))
}

fn remap(schemas: &Schemas) -> Remap {
    let files = generate::files(schemas);
    let text = |name: &str| {
        let file = files.iter().find(|file| file.path.ends_with(name));
        &file.expect("a file").text
    };
    Remap::new(text("tracel.vrl"), text("quarantine.vrl")).unwrap_or_else(|error| panic!("{error}"))
}

fn hold(schemas: &Schemas, remap: &Remap) {
    let came = DateTime::parse_from_rfc3339(CAME)
        .expect("a time")
        .timestamp_millis();
    let (mut faults, mut count) = (Vec::new(), 0);
    let cases = cases(vector::Schemas {
        together: &schemas.together,
        each: &schemas.each,
    });
    for case in &cases {
        count += 1;
        let text = case.text();
        let line = Line {
            bytes: text.as_bytes(),
            place: Some(("logs", 3, 7)),
            came,
        };
        let outcome = remap.line(&line).expect("an outcome");
        let (Outcome::Row(row) | Outcome::Quarantined(row)) = &outcome;
        assert!(!row.to_string().contains(HIDDEN), "{}: {row}", case.name);
        let fault = match (&case.outcome, &outcome) {
            (Expected::Row(checks), Outcome::Row(row)) => {
                let failed = checks
                    .iter()
                    .find(|check| !holds(check, row).expect("a condition"));
                failed.map(|check| format!("not {check} in {row}"))
            }
            (Expected::Refused(reason), Outcome::Quarantined(row)) if row["reason"] == *reason => None,
            (_, Outcome::Row(row) | Outcome::Quarantined(row)) => {
                Some(format!("{:?}, but {row}", case.outcome))
            }
        };
        if let Some(mut fault) = fault {
            fault.truncate(700);
            faults.push(format!("{}: {fault}", case.name));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {count}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(count > 80, "only {count} cases");
}

#[test]
fn every_type_and_class() {
    let schemas = schemas(&["tests/schema.toml"]);
    hold(&schemas, &remap(&schemas));
}

#[test]
fn several_schemas_side_by_side() {
    let schemas = schemas(&["tests/schema.toml", "schema.toml"]);
    hold(&schemas, &remap(&schemas));
}

/// Too long, or twice in two places, for a file of cases.
#[test]
fn a_line_may_be_as_long_as_kafka_takes_it_and_its_place_names_it() {
    let remap = remap(&schemas(&["schema.toml"]));
    let line = |bytes: &str, offset: i64| {
        let line = Line {
            bytes: bytes.as_bytes(),
            place: Some(("logs", 3, offset)),
            came: 1_750_000_000_000,
        };
        remap.line(&line).expect("an outcome")
    };
    let of = |message: &str| {
        format!(
            r#"{{"timestamp":"2025-06-01T11:59:58Z","level":"INFO","service_name":"Payment","message":"{message}"}}"#
        )
    };
    let longest = of(&"x".repeat((1 << 20) - of("").len()));
    assert!(matches!(line(&longest, 7), Outcome::Row(_)));
    let Outcome::Quarantined(row) = line(&(longest + " "), 7) else {
        panic!("one byte more is refused");
    };
    assert_eq!(row["reason"], "too_long");
    let named = |offset| match line(&of("twice"), offset) {
        Outcome::Row(row) => row["uuid"].as_str().map(str::to_owned),
        Outcome::Quarantined(row) => panic!("{row}"),
    };
    assert_eq!(named(7), named(7), "read again it is the same record");
    assert_ne!(named(7), named(8), "the same text twice is two");
}
