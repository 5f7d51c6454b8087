//! For each type, values that are right, with what they become, and values that are wrong.

use super::json;
use crate::{
    generate::vector::quoted,
    model::{Scalar, Type},
};

const NOBODYS: &str = "\"nobody declared this\"";

/// Right values as JSON, each with how VRL writes what becomes of it in `metadata`; `None` when it goes to `extra`.
pub(super) fn right(ty: &Type) -> Vec<(String, Option<String>)> {
    match ty {
        Type::Enum(words) => words
            .iter()
            .map(|word| (json(word), Some(quoted(word))))
            .collect(),
        Type::Scalar(scalar) => of_scalar(*scalar)
            .iter()
            .map(|(value, becomes)| ((*value).to_owned(), becomes.map(str::to_owned)))
            .collect(),
        Type::List(scalar) => {
            let item = of_scalar(*scalar)[0].0;
            let kept = match scalar {
                Scalar::Json => format!("[{}]", of_scalar(Scalar::Json)[0].1.unwrap_or_default()),
                _ => format!("[{item}]"),
            };
            vec![
                (format!("[{item}]"), Some(kept)),
                ("[]".to_owned(), Some("[]".to_owned())),
                (
                    format!("[{item},null]"),
                    (*scalar == Scalar::Json)
                        .then(|| format!("[{}, \"null\"]", of_scalar(Scalar::Json)[0].1.unwrap_or_default())),
                ),
            ]
        }
    }
}

/// The first one has the same form in a list.
fn of_scalar(scalar: Scalar) -> &'static [(&'static str, Option<&'static str>)] {
    match scalar {
        Scalar::Bool => &[("true", Some("true"))],
        Scalar::String | Scalar::Error => &[
            ("\"x\"", Some("\"x\"")),
            ("\"\"", Some("\"\"")),
            ("\"2025-01-01\"", Some("\"2025-01-01\"")),
        ],
        Scalar::I8 => &[("-128", Some("-128")), ("127", Some("127"))],
        Scalar::I16 => &[("-32768", Some("-32768")), ("32767", Some("32767"))],
        Scalar::I32 => &[
            ("-2147483648", Some("-2147483648")),
            ("2147483647", Some("2147483647")),
        ],
        Scalar::I64 => &[
            ("-9223372036854775807", Some("-9223372036854775807")),
            ("9223372036854775807", Some("9223372036854775807")),
        ],
        Scalar::U8 => &[("255", Some("255")), ("0", Some("0"))],
        Scalar::U16 => &[("65535", Some("65535")), ("0", Some("0"))],
        Scalar::U32 => &[("4294967295", Some("4294967295")), ("0", Some("0"))],
        Scalar::U64 => &[
            ("42", Some("42")),
            ("9223372036854775807", Some("9223372036854775807")),
            ("\"7\"", Some("7")),
            ("\"9223372036854775808\"", Some("\"9223372036854775808\"")),
            ("\"18446744073709551615\"", Some("\"18446744073709551615\"")),
        ],
        Scalar::F64 => &[
            ("0.5", Some("0.5")),
            ("3", Some("3.0")),
            ("1e15", Some("1000000000000000.0")),
        ],
        Scalar::Uuid => &[
            (
                "\"0197248c-0000-7000-8000-00000000000a\"",
                Some("\"0197248c-0000-7000-8000-00000000000a\""),
            ),
            (
                "\"0197248C-0000-7000-8000-00000000000A\"",
                Some("\"0197248c-0000-7000-8000-00000000000a\""),
            ),
        ],
        Scalar::Ip => &[
            ("\"127.0.0.1\"", Some("\"127.0.0.1\"")),
            ("\"::1\"", Some("\"::1\"")),
        ],
        Scalar::Timestamp => &[
            (
                "\"2025-01-01T00:00:00.000000001Z\"",
                Some("\"2025-01-01T00:00:00.000000001Z\""),
            ),
            (
                "\"2025-01-01T02:00:00+02:00\"",
                Some("\"2025-01-01T00:00:00.000000000Z\""),
            ),
            (
                "\"2016-12-31T23:59:60Z\"",
                Some("\"2016-12-31T23:59:60.000000000Z\""),
            ),
            ("\"1600-01-01T00:00:00Z\"", None),
            ("\"2362-01-01T00:00:00Z\"", None),
            ("\"9999-12-31T23:59:59Z\"", None),
        ],
        Scalar::Duration => &[
            ("1500", Some("1500")),
            ("\"18446744073709551615\"", Some("\"18446744073709551615\"")),
            ("\"18446744073709551615999999999\"", None),
        ],
        Scalar::Bytes => &[
            ("\"AP8=\"", Some("\"AP8=\"")),
            ("\"\"", Some("\"\"")),
            ("\"AAAA…[cut 12 bytes]\"", Some("\"AAAA…[cut 12 bytes]\"")),
        ],
        Scalar::Json => &[
            (
                "{\"a.b\":1,\"a\":{\"b\":2}}",
                Some("\"\\{\\\"a\\\":\\{\\\"b\\\":2\\},\\\"a.b\\\":1\\}\""),
            ),
            ("7", Some("\"7\"")),
            ("\"7\"", Some("\"\\\"7\\\"\"")),
        ],
    }
}

/// Values that are of another type.
pub(super) fn wrong(ty: &Type) -> Vec<String> {
    let scalar = match ty {
        Type::Enum(_) => return [NOBODYS, "7", "\"\"", "[]", "{}"].map(str::to_owned).to_vec(),
        Type::Scalar(scalar) => *scalar,
        Type::List(scalar) => {
            let mut lists: Vec<String> = wrong_scalar(*scalar)
                .iter()
                .map(|value| format!("[{value}]"))
                .collect();
            lists.extend([of_scalar(*scalar)[0].0.to_owned(), "{}".to_owned()]);
            return lists;
        }
    };
    wrong_scalar(scalar)
        .iter()
        .map(|value| (*value).to_owned())
        .collect()
}

fn wrong_scalar(scalar: Scalar) -> &'static [&'static str] {
    match scalar {
        Scalar::Bool => &["1", "\"true\"", "{}"],
        Scalar::String | Scalar::Error => &["7", "true", "[\"x\"]", "{\"a.b\":1,\"a\":{\"b\":2}}"],
        Scalar::I8 => &["-129", "128", "1.5", "\"1\""],
        Scalar::I16 => &["-32769", "32768", "\"1\""],
        Scalar::I32 => &["-2147483649", "2147483648", "\"1\""],
        Scalar::I64 => &["9223372036854775808", "1.0", "\"1\""],
        Scalar::U8 => &["-1", "256", "\"1\""],
        Scalar::U16 => &["-1", "65536", "\"1\""],
        Scalar::U32 => &["-1", "4294967296", "\"1\""],
        Scalar::U64 => &[
            "-1",
            "1.5",
            "18446744073709551615",
            "\"18446744073709551616\"",
            "\"-1\"",
            "\"abc\"",
            "\"01\"",
            "\"\"",
        ],
        Scalar::F64 => &["\"0.5\"", "true"],
        Scalar::Uuid => &["\"0197248c\"", "7", "\"0197248c00007000800000000000000a\""],
        Scalar::Ip => &["\"256.0.0.1\"", "\"localhost\"", "7"],
        Scalar::Timestamp => &["1700000000", "\"yesterday\"", "\"\"", "\"2025-13-01T00:00:00Z\""],
        Scalar::Duration => &["-1", "\"1s\"", "1.5"],
        Scalar::Bytes => &["\"AP8\"", "\"ä\"", "[0]"],
        Scalar::Json => &[],
    }
}
