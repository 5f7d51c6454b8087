//! `SCHEMA`: what the runtime must know of a schema.

use super::{ALLOW, docs::plain, grouped, line};
use crate::model::{Class, Level, Schema, Sensitive};

pub(super) fn constant(schema: &Schema, name: &str) -> String {
    let mut out = String::new();
    let policy = &schema.policy;
    line(
        &mut out,
        format_args!(
            "/// What the runtime must know of the schema `{}@{}`.",
            plain(&schema.name),
            schema.version
        ),
    );
    line(&mut out, format_args!("{ALLOW}"));
    line(
        &mut out,
        format_args!(
            "pub const {name}: ::tracel::Schema = ::tracel::Schema::new({:?}, {})",
            schema.name,
            grouped(schema.version)
        ),
    );
    if let Some(service) = &schema.service {
        line(&mut out, format_args!("    .service({service:?})"));
    }
    let sensitive = match policy.sensitive {
        Sensitive::Mask => "Mask",
        Sensitive::Hash => "Hash",
        Sensitive::Drop => "Drop",
    };
    line(
        &mut out,
        format_args!("    .sensitive(::tracel::__private::Sensitive::{sensitive})"),
    );
    line(
        &mut out,
        format_args!(
            "    .foreign(::tracel::__private::LevelFilter::{}, {})",
            policy.foreign_level.map_or("OFF", filter),
            policy.foreign_message
        ),
    );
    line(
        &mut out,
        format_args!("    .max_record({})", grouped(policy.max_record.into())),
    );
    let classes: Vec<String> = schema
        .fields
        .iter()
        .filter_map(|field| {
            let class = match field.class {
                Class::Safe => return None,
                Class::Sensitive => "Sensitive",
                Class::Secret => "Secret",
            };
            Some(format!("({:?}, ::tracel::Class::{class})", field.name))
        })
        .collect();
    line(&mut out, format_args!("    .classes(&[{}]);", classes.join(", ")));
    out
}

fn filter(level: Level) -> &'static str {
    match level {
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    }
}
