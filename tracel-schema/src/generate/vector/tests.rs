//! The cases as Vector's unit tests, and as events of its kafka source.

use super::{
    Schemas,
    cases::{Case, Outcome, cases},
    quoted,
};
use std::fmt::Write;

/// `tests.yaml`.
pub(super) fn yaml(schemas: Schemas<'_>) -> String {
    let mut out = String::from(
        "# A case for every rule, inserted as the kafka source makes its events:\n#\n\
         #   vector test transforms.yaml tests.yaml        in this folder\n\ntests:\n",
    );
    for case in cases(schemas) {
        let _ = write!(
            out,
            "  - name: {}\n    inputs:\n      - insert_at: rows\n        type: vrl\n        source: {}\n    outputs:\n",
            scalar(&case.name),
            scalar(&event(&case))
        );
        let (from, not, checks) = match case.outcome {
            Outcome::Row(checks) => ("rows", "rows.dropped", checks),
            Outcome::Refused(reason) => {
                // Of what must not leave a service, nothing reaches the quarantine either.
                let kept = format!("!contains(string!(.original), {})", quoted(super::cases::HIDDEN));
                (
                    "quarantine",
                    "rows",
                    vec![format!(".reason == {}", quoted(reason)), kept],
                )
            }
        };
        let _ = writeln!(out, "      - extract_from: {from}\n        conditions:");
        for check in checks {
            let _ = writeln!(out, "          - {{ type: vrl, source: {} }}", scalar(&check));
        }
        let _ = writeln!(out, "    no_outputs_from: [{not}]");
    }
    out
}

/// The event as a program of VRL that makes it.
fn event(case: &Case) -> String {
    let mut line = quoted(&case.line);
    if case.padding > 0 {
        line = format!("replace({line}, \"PADDING\", \"x\" * {})", case.padding);
    }
    format!(
        ". = {{ \"message\": {line}, \"topic\": \"logs\", \"partition\": 3, \"offset\": 7, \"headers\": {{}}, \
         \"source_type\": \"kafka\", \"timestamp\": t'{}' }}",
        super::cases::CAME
    )
}

/// A text on one line of YAML.
fn scalar(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
