//! A case for each field: right values, wrong ones, and its class.

use super::{Case, Class, Record, Schemas, samples};
use crate::generate::vector::types::shown;

pub(super) fn cases(schemas: Schemas<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    for field in &schemas.together.fields {
        let name = &field.name;
        match field.class {
            Class::Safe => {
                for (value, becomes) in samples::right(&field.ty) {
                    let record = Record::foreign().meta(name, &value);
                    let (title, check) = match becomes {
                        Some(becomes) => (
                            format!("{name}: {value} is right"),
                            format!(".metadata.\"{name}\" == {becomes}"),
                        ),
                        None => (
                            format!("{name}: {value} has no room in its column"),
                            format!("!exists(.metadata.\"{name}\") && is_string(.extra.\"{name}\")"),
                        ),
                    };
                    // No check of a field may touch what stands beside it.
                    let untouched = ".timestamp == \"2025-06-01T11:59:58.123456789Z\" && .level == \"INFO\" && \
                                     .message == \"captured\" && .service_name == \"Payment\"";
                    cases.push(record.becomes(title, &[&check, untouched]));
                }
                let reason = if shown(&field.ty) == "enum" {
                    "enum"
                } else {
                    "type"
                };
                for value in samples::wrong(&field.ty) {
                    let record = Record::foreign().meta(name, &value);
                    cases.push(record.refused(format!("{name}: {value} is wrong"), reason));
                }
                let absent = format!("!exists(.metadata.\"{name}\")");
                let null = Record::foreign().meta(name, "null");
                cases.push(null.becomes(format!("{name}: null is absent"), &[&absent]));
            }
            Class::Sensitive => sensitive(&mut cases, name),
            Class::Secret => {
                let title = format!("{name}: a secret");
                cases.push(
                    Record::foreign()
                        .meta(name, "\"hunter2\"")
                        .refused(&title, "secret"),
                );
                let mut torn = Record::foreign()
                    .meta(name, "\"hunter2\"")
                    .refused(format!("{name}: a secret in what is no JSON"), "not_json");
                torn.line.pop();
                cases.push(torn);
                cases.push(hidden(name, Record::foreign().with("level", "7"), "level"));
                let title = format!("{name}: a secret in `extra`");
                cases.push(
                    Record::foreign()
                        .extra(name, "\"hunter2\"")
                        .refused(title, "secret"),
                );
                let title = format!("{name}: a secret beside the envelope");
                cases.push(
                    Record::foreign()
                        .with(name, "\"hunter2\"")
                        .refused(title, "secret"),
                );
            }
        }
    }
    cases
}

fn sensitive(cases: &mut Vec<Case>, name: &str) {
    let hash = format!("\"hash:{}\"", "0f".repeat(16));
    for covered in ["\"***\"", &hash] {
        let check = format!(".metadata.\"{name}\" == {covered}");
        let record = Record::foreign().meta(name, covered);
        cases.push(record.becomes(format!("{name}: {covered} is covered"), &[&check]));
    }
    for clear in ["\"hunter2\"", "4111", "{\"number\":\"hunter2\"}"] {
        let check = format!(".metadata.\"{name}\" == \"***\" && .extra.tracel_masked == \"{name}\"");
        let record = Record::foreign().meta(name, clear);
        cases.push(record.becomes(format!("{name}: {clear} in the clear is masked"), &[&check]));
    }
    // Refused for another reason, and by a parser: it is covered in the quarantine too.
    let refused = Record::foreign().with("level", "7");
    cases.push(hidden(name, refused.clone(), "level"));
    let title = format!("{name}: covered in the quarantine");
    cases.push(refused.meta(name, "\"hunter2\"").refused(title, "level"));
    let mut torn = Record::foreign()
        .meta(name, "\"hunter2\"")
        .refused(format!("{name}: covered in what is no JSON"), "not_json");
    torn.line.pop();
    cases.push(torn);
    let check = format!(".extra.\"{name}\" == \"***\"");
    let record = Record::foreign().extra(name, "\"hunter2\"");
    cases.push(record.becomes(format!("{name}: masked in `extra` too"), &[&check]));
    let record = Record::foreign().with(name, "\"hunter2\"");
    cases.push(record.becomes(format!("{name}: masked beside the envelope too"), &[&check]));
}

/// `metadata` stands twice: a parser shows the last one, and the first has the value.
fn hidden(name: &str, record: Record, reason: &'static str) -> Case {
    let title = format!("{name}: behind another `metadata`");
    let mut case = record.meta(name, "\"hunter2\"").refused(title, reason);
    case.line.pop();
    case.line.push_str(",\"metadata\":{}}");
    case
}
