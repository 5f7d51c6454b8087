//! What a record of a known schema must carry, by its category, level and event; and how long it may be.

use super::{Schemas, label, quoted};
use crate::model::{Class, Requirement, Scalar, Schema, Sensitive, Type};
use std::fmt::Write;

/// How much longer than `max_record` a record may be: its envelope is not cut, nor is a census.
const ENVELOPE: u32 = 2048;

/// The checks of all schemas, one branch each.
pub(super) fn required(schemas: Schemas<'_>) -> String {
    let mut out = String::new();
    for (index, schema) in schemas.each.iter().enumerate() {
        let word = if index == 0 { "  if" } else { " else if" };
        let _ = write!(
            out,
            "{word} schema == {} {{\n{}  }}",
            quoted(&label(schema)),
            of(schema)
        );
    }
    out
}

fn of(schema: &Schema) -> String {
    let mut out = String::new();
    let max = schema.policy.max_record.saturating_add(ENVELOPE);
    let _ = writeln!(
        out,
        "    if size > {max} {{ abort \"too_long: a record of this schema has at most {} bytes\" }}",
        schema.policy.max_record
    );
    for (index, category) in schema.categories.iter().enumerate() {
        let word = if index == 0 { "    if" } else { " else if" };
        let _ = writeln!(out, "{word} log_type == {} {{", quoted(&category.name));
        asked(
            &mut out,
            schema,
            &category.required,
            &format!("category `{}`", category.name),
        );
        out.push_str("    }");
    }
    out.push_str(" else {\n      abort \"category: the schema has no such `log_type`\"\n    }\n");
    for rule in &schema.levels {
        let _ = writeln!(
            out,
            "    if level == {} {{",
            quoted(&rule.level.name().to_uppercase())
        );
        asked(
            &mut out,
            schema,
            &rule.required,
            &format!("level `{}`", rule.level),
        );
        out.push_str("    }\n");
    }
    for event in &schema.events {
        let _ = writeln!(out, "    if event_name == {} {{", quoted(&event.name));
        let _ = writeln!(
            out,
            "      if log_type != {} {{ abort \"event: `{}` is of the category `{}`\" }}\n      \
             if level != {} {{ abort \"event: `{}` is of the level `{}`\" }}",
            quoted(&event.category),
            event.name,
            event.category,
            quoted(&event.level.name().to_uppercase()),
            event.name,
            event.level
        );
        asked(
            &mut out,
            schema,
            &event.required,
            &format!("event `{}`", event.name),
        );
        out.push_str("    }\n");
    }
    out
}

fn asked(out: &mut String, schema: &Schema, required: &[Requirement], by: &str) {
    let told = out.len();
    for requirement in required {
        let Some(missing) = missing(schema, &requirement.field) else {
            continue;
        };
        let _ = writeln!(
            out,
            "      if {missing} {{ abort \"missing: `{}`, which the {by} requires\" }}",
            requirement.field
        );
    }
    if out.len() == told {
        // VRL has no empty block.
        out.push_str("      null\n");
    }
}

/// When a required field is missing; `None` when nothing tells.
pub(super) fn missing(schema: &Schema, name: &str) -> Option<String> {
    let field = schema.field(name)?;
    if field.class == Class::Sensitive && schema.policy.sensitive == Sensitive::Drop {
        return None;
    }
    Some(match field.ty {
        // TraceL writes null for a number or a time that JSON cannot say, and for JSON's own null.
        Type::Scalar(Scalar::F64 | Scalar::Timestamp | Scalar::Json) => format!("!exists(meta.\"{name}\")"),
        _ => format!("meta.\"{name}\" == null"),
    })
}

#[cfg(test)]
mod tests {
    use super::missing;
    use crate::model::Owner;

    #[test]
    fn what_a_service_drops_is_asked_of_nobody() {
        for (policy, is_asked) in [("mask", true), ("hash", true), ("drop", false)] {
            let text = format!(
                "[schema]\nname = \"acme\"\nversion = 1\n[policy]\nsensitive = \"{policy}\"\n\
                 [fields]\ncard = {{ type = \"string\", class = \"sensitive\" }}\nid = {{ type = \"u64\" }}\n\
                 [category.user]\nrequired = [\"card\", \"id\"]\n"
            );
            let compiled = crate::compile(&text, "schema.toml".as_ref(), Owner::default());
            let schema = compiled.expect("the schema is right").schema;
            assert_eq!(missing(&schema, "card").is_some(), is_asked, "{policy}");
            assert!(missing(&schema, "id").is_some());
        }
    }
}
