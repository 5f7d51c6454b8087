//! `SCHEMA`: what the runtime must know of a schema.

use super::{ALLOW, docs::plain, grouped, line};
use crate::model::{Class, Level, Rate, Scalar, Schema, Sensitive, Trust, Type};

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
            let class = Some(field.class)
                .filter(|class| *class != Class::Safe)
                .map(class)?;
            Some(format!("({:?}, ::tracel::Class::{class})", field.name))
        })
        .collect();
    line(&mut out, format_args!("    .classes(&[{}])", classes.join(", ")));
    if let Some(Rate { count, seconds }) = policy.limit {
        line(
            &mut out,
            format_args!("    .limit({}, {})", grouped(count), grouped(seconds)),
        );
    }
    let trust = match &policy.trust {
        Trust::All => "All".to_owned(),
        Trust::None => "None".to_owned(),
        Trust::Networks(networks) => format!("Networks(&{networks:?})"),
    };
    line(
        &mut out,
        format_args!("    .trust(::tracel::__private::Trust::{trust})"),
    );
    let carried: Vec<String> = schema
        .fields
        .iter()
        .filter_map(|field| {
            let kind = carried(&field.ty).filter(|_| field.propagate)?;
            let class = class(field.class);
            let path = "::tracel::__private::CarriedField::new";
            Some(format!(
                "{path}({:?}, ::tracel::__private::Carried::{kind}, ::tracel::Class::{class})",
                field.name
            ))
        })
        .collect();
    line(&mut out, format_args!("    .carried(&[{}]);", carried.join(", ")));
    out
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Safe => "Safe",
        Class::Sensitive => "Sensitive",
        Class::Secret => "Secret",
    }
}

/// How a field's text is read when it arrives; `None` for types that cannot travel.
fn carried(ty: &Type) -> Option<String> {
    let signed = |max: i32| {
        let max = grouped(max.unsigned_abs().into());
        format!("Signed(-{max} - 1, {max})")
    };
    let kind = match ty {
        Type::Enum(words) => format!("Words(&{words:?})"),
        Type::List(_) => return None,
        Type::Scalar(scalar) => match scalar {
            Scalar::Bool => "Bool".into(),
            Scalar::String => "Text".into(),
            Scalar::I8 => signed(i8::MAX.into()),
            Scalar::I16 => signed(i16::MAX.into()),
            Scalar::I32 => signed(i32::MAX),
            Scalar::I64 => "Signed(i64::MIN, i64::MAX)".into(),
            Scalar::U8 => format!("Unsigned({})", u8::MAX),
            Scalar::U16 => format!("Unsigned({})", grouped(u16::MAX.into())),
            Scalar::U32 => format!("Unsigned({})", grouped(u32::MAX.into())),
            Scalar::U64 => "Unsigned(u64::MAX)".into(),
            Scalar::Duration => "Unsigned(u64::MAX)".into(),
            Scalar::F64 => "Float".into(),
            Scalar::Uuid => "Uuid".into(),
            Scalar::Ip => "Ip".into(),
            Scalar::Timestamp => "Time".into(),
            Scalar::Bytes | Scalar::Json | Scalar::Error => return None,
        },
    };
    Some(kind)
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
