//! Each declared field held to its type, in VRL: `bad` refuses the record, `unfit` moves the value to `extra`.

use super::{Schemas, own, quoted};
use crate::model::{Class, Scalar, Type};
use std::fmt::Write;

/// The checks of all fields, the schemas' in their order and then TraceL's own.
pub(super) fn fields(schemas: Schemas<'_>) -> String {
    let mut out = String::new();
    for field in &schemas.together.fields {
        match field.class {
            Class::Secret => {}
            Class::Sensitive => {
                let name = &field.name;
                let _ = writeln!(
                    out,
                    "# {name}: sensitive\nv = del(meta.\"{name}\")\nif v != null {{ fit.\"{name}\" = v }}"
                );
            }
            Class::Safe => self::field(&mut out, &field.name, &field.ty),
        }
    }
    for (name, ty) in own() {
        self::field(&mut out, name, &ty);
    }
    out
}

fn field(out: &mut String, name: &str, ty: &Type) {
    let shown = shown(ty);
    let _ = writeln!(
        out,
        "# {name}: {shown}\nv = del(meta.\"{name}\")\nif v != null {{"
    );
    let (body, can_be_unfit) = match ty {
        Type::Enum(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            (format!("bad = !includes([{}], v)\n", words.join(", ")), false)
        }
        Type::Scalar(scalar) => (
            format!("bad = false\n{}", of_scalar(*scalar)),
            can_be_unfit(*scalar),
        ),
        Type::List(scalar) => (list(*scalar), true),
    };
    if can_be_unfit {
        out.push_str("  unfit = false\n");
    }
    for line in body.lines() {
        let _ = writeln!(out, "  {line}");
    }
    let reason = if matches!(ty, Type::Enum(_)) {
        "enum"
    } else {
        "type"
    };
    let what = match ty {
        Type::Enum(_) => format!("`{name}` is none of its words"),
        Type::Scalar(_) | Type::List(_) => format!("`{name}` is no {shown}"),
    };
    let _ = writeln!(out, "  if bad {{ abort \"{reason}: {what}\" }}");
    let _ = match can_be_unfit {
        true => writeln!(
            out,
            "  if unfit {{ meta.\"{name}\" = v }} else {{ fit.\"{name}\" = v }}\n}}"
        ),
        false => writeln!(out, "  fit.\"{name}\" = v\n}}"),
    };
}

/// A type, as a reason names it.
pub(super) fn shown(ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar.name().to_owned(),
        Type::List(scalar) => format!("list of {}", scalar.name()),
        Type::Enum(_) => "enum".to_owned(),
    }
}

/// Whether a right value may have no room in its column.
fn can_be_unfit(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Timestamp | Scalar::Duration)
}

/// The check of one value, and the form that its column takes.
fn of_scalar(scalar: Scalar) -> String {
    let check = check(scalar, "v");
    let form = match scalar {
        Scalar::U64 | Scalar::Duration => {
            "if !bad && is_string(v) && length(string(v) ?? \"\") < 19 { v = to_int(v) ?? v }\n"
        }
        Scalar::F64 => "if !bad { v = to_float(v) ?? v }\n",
        Scalar::Uuid => "if !bad { v = downcase(string(v) ?? \"\") }\n",
        Scalar::Timestamp => {
            "if !bad && !unfit { v = format_timestamp(moment, \"%Y-%m-%dT%H:%M:%S%.9fZ\") ?? v }\n"
        }
        // The keys inside are declared by nobody: two of them that disagree must not refuse a batch.
        Scalar::Json => "v = encode_json(v)\n",
        _ => "",
    };
    format!("{check}{form}")
}

fn list(scalar: Scalar) -> String {
    let mut out = String::from("bad = !is_array(v)\nitems = array(v) ?? []\n");
    if scalar == Scalar::Json {
        out.push_str("v = map_values(items) -> |item| { encode_json(item) }\n");
        return out;
    }
    out.push_str("for_each(items) -> |_index, item| {\n  if item == null {\n    unfit = true\n  } else {\n");
    for line in check(scalar, "item").lines() {
        let _ = writeln!(out, "    {line}");
    }
    out.push_str("  }\n}\n");
    out
}

/// Sets `bad`, or `unfit`, by the value in `v`.
fn check(scalar: Scalar, v: &str) -> String {
    match scalar {
        Scalar::Bool => format!("if !is_boolean({v}) {{ bad = true }}\n"),
        Scalar::String | Scalar::Error => format!("if !is_string({v}) {{ bad = true }}\n"),
        Scalar::I8 => range(v, i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => range(v, i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => range(v, i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => format!("if !is_integer({v}) {{ bad = true }}\n"),
        Scalar::U8 => range(v, 0, u8::MAX.into()),
        Scalar::U16 => range(v, 0, u16::MAX.into()),
        Scalar::U32 => range(v, 0, u32::MAX.into()),
        Scalar::U64 => format!(
            "if is_string({v}) {{\n  text = string({v}) ?? \"\"\n  if {} {{ bad = true }}\n\
             }} else if (int({v}) ?? -1) < 0 {{ bad = true }}\n",
            no_u64("text")
        ),
        Scalar::Duration => format!(
            "if is_string({v}) {{\n  text = string({v}) ?? \"\"\n  \
             if !match(text, r'^(0|[1-9][0-9]{{0,39}})$') {{ bad = true }} else if {} {{ unfit = true }}\n\
             }} else if (int({v}) ?? -1) < 0 {{ bad = true }}\n",
            no_u64("text")
        ),
        Scalar::F64 => format!("if !is_float({v}) && !is_integer({v}) {{ bad = true }}\n"),
        Scalar::Uuid => format!(
            "if !match(string({v}) ?? \"\", r'^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$') {{ bad = true }}\n"
        ),
        Scalar::Ip => format!("ip = string({v}) ?? \"\"\nif !is_ipv4(ip) && !is_ipv6(ip) {{ bad = true }}\n"),
        // What a column of nanoseconds holds, and a little less: 1970 to 2200.
        Scalar::Timestamp => format!(
            "moment, err = parse_timestamp(string({v}) ?? \"\", \"%+\")\n\
             if err != null {{ bad = true }} else {{\n  second = to_unix_timestamp(moment)\n  \
             if second < 0 || second >= 7258118400 {{ unfit = true }}\n}}\n"
        ),
        // A long one may have been cut.
        Scalar::Bytes => format!(
            "if !is_string({v}) || !match(string({v}) ?? \"\", \
             r'^([A-Za-z0-9+/]{{4}})*([A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{3}}=)?$|^[A-Za-z0-9+/]*…\\[cut [0-9]+ bytes\\]$') {{ bad = true }}\n"
        ),
        Scalar::Json => String::new(),
    }
}

/// Whether it is an integer between these. No integer of JSON's is 2^62.
fn range(v: &str, min: i64, max: i64) -> String {
    format!("n = int({v}) ?? 4611686018427387904\nif n < {min} || n > {max} {{ bad = true }}\n")
}

/// Whether the text `text` is no u64. Digits of one length are ordered as text.
pub(super) fn no_u64(text: &str) -> String {
    format!(
        "!match({text}, r'^(0|[1-9][0-9]{{0,19}})$') || (length({text}) == 20 && {text} > \"18446744073709551615\")"
    )
}
