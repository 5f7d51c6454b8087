//! The struct of an event: plain fields for what is required, `Option`s for the rest, under the category's derive.

use super::{ALLOW, docs::docs, docs::plain, line};
use crate::model::{Class, Event, Requirement, Scalar, Schema, Sensitive, Type, camel_case};

pub(super) fn event(out: &mut String, schema: &Schema, event: &Event) {
    let fields = || {
        let required = event.required.iter().map(|requirement| (requirement, false));
        required.chain(event.optional.iter().map(|requirement| (requirement, true)))
    };
    let borrows = fields().any(|(requirement, _)| {
        schema
            .field(&requirement.field)
            .is_some_and(|field| rust_type(&field.name, &field.ty).contains("'a"))
    });
    out.push('\n');
    docs(out, "", event.doc.as_deref().unwrap_or(&event.message));
    out.push_str("///\n");
    docs(
        out,
        "",
        &format!(
            "Event `{}`: category `{}`, level `{}`, message \"{}\"; {}.",
            event.name,
            event.category,
            event.level,
            event.message,
            schema.at(event.place)
        ),
    );
    line(out, format_args!("{ALLOW}"));
    let attributes = match event.category.as_str() {
        "user" => format!("#[derive(::tracel::UserLog)] #[log(event = {:?})]", event.name),
        "system" => format!("#[derive(::tracel::SysLog)] #[log(event = {:?})]", event.name),
        other => format!(
            "#[derive(::tracel::Log)] #[log(category = {other:?}, event = {:?})]",
            event.name
        ),
    };
    let name = camel_case(&event.name);
    let generics = if borrows { "<'a>" } else { "" };
    // On one line: rustc quotes it in its errors.
    line(out, format_args!("{attributes} pub struct {name}{generics} {{"));
    for (requirement, optional) in fields() {
        field(out, schema, requirement, optional);
    }
    out.push_str("}\n");
}

fn field(out: &mut String, schema: &Schema, requirement: &Requirement, optional: bool) {
    let Some(field) = schema.field(&requirement.field) else {
        return;
    };
    let mut doc = field.doc.clone().unwrap_or_default();
    if let Some(unit) = &field.unit {
        doc.push_str(&format!("{}In {unit}.", if doc.is_empty() { "" } else { " " }));
    }
    if field.class == Class::Sensitive {
        let treatment = match schema.policy.sensitive {
            Sensitive::Mask => "masked",
            Sensitive::Hash => "hashed",
            Sensitive::Drop => "dropped",
        };
        doc.push_str(&format!(
            "{}Sensitive: {treatment} before it is written.",
            if doc.is_empty() { "" } else { " " }
        ));
    }
    if !doc.is_empty() {
        docs(out, "    ", &doc);
        out.push_str("    ///\n");
    }
    let asked = if optional { "optional" } else { "required" };
    line(
        out,
        format_args!(
            "    /// Declared at {}, {asked} at {}.",
            plain(&schema.at(field.place)),
            plain(&schema.at(requirement.place))
        ),
    );
    let ty = rust_type(&field.name, &field.ty);
    match optional {
        true => line(
            out,
            format_args!("    pub {}: ::core::option::Option<{ty}>,", field.name),
        ),
        false => line(out, format_args!("    pub {}: {ty},", field.name)),
    }
}

fn rust_type(field: &str, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar_type(*scalar).to_owned(),
        Type::List(scalar) => format!("&'a [{}]", scalar_type(*scalar)),
        Type::Enum(_) => camel_case(field),
    }
}

fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::String => "&'a str",
        Scalar::Uuid => "::tracel::Uuid",
        Scalar::Ip => "::core::net::IpAddr",
        Scalar::Timestamp => "::std::time::SystemTime",
        Scalar::Duration => "::core::time::Duration",
        Scalar::Bytes => "&'a [u8]",
        Scalar::Json => "&'a ::tracel::JsonValue",
        Scalar::Error => "&'a (dyn ::core::error::Error + 'static)",
        number_or_bool => number_or_bool.name(),
    }
}
