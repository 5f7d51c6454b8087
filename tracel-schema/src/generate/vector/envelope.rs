//! The keys of the record itself, but for those that the template reads: texts, UUIDs and numbers.

use std::fmt::Write;

const TEXTS: [&str; 12] = [
    "service_name",
    "module_name",
    "log_type",
    "event_name",
    "span_id",
    "parent_span_id",
    "span_name",
    "thread",
    "source",
    "target",
    "instance",
    "schema",
];

const NUMBERS: [&str; 3] = ["task", "lane", "seq"];

/// Text, or a number or word that other languages write where we write text; "" when it is absent.
pub(super) fn texts() -> String {
    let mut out = String::new();
    for name in TEXTS {
        let _ = writeln!(
            out,
            "{name}, err = to_string(del(record.{name}))\n\
             if err != null {{\n  abort \"envelope: `{name}` is no text\"\n}}"
        );
    }
    out
}

/// UUIDs, with hyphens or as W3C writes a trace-id. Without an event_id the record is of no request.
pub(super) fn ids() -> String {
    let mut out = String::new();
    for (name, absent) in [
        ("event_id", "\"00000000-0000-0000-0000-000000000000\""),
        ("uuid", "\"\""),
    ] {
        let _ = writeln!(
            out,
            "{name} = {absent}\n\
             id, err = to_string(del(record.{name}))\n\
             if err != null || (id != \"\" && !match(id, r'^[0-9a-fA-F]{{8}}(-?[0-9a-fA-F]{{4}}){{3}}-?[0-9a-fA-F]{{12}}$')) {{\n  \
               abort \"envelope: `{name}` is no UUID\"\n\
             }}\n\
             if id != \"\" {{\n  \
               {name} = replace(downcase(id), r'^(.{{8}})-?(.{{4}})-?(.{{4}})-?(.{{4}})-?(.{{12}})$', \"$1-$2-$3-$4-$5\")\n\
             }}"
        );
    }
    out
}

/// Numbers up to u64, as text: above i64 they travel so, and ClickHouse reads both.
pub(super) fn numbers() -> String {
    let mut out = String::new();
    for name in NUMBERS {
        let _ = writeln!(
            out,
            "{name}, err = to_string(del(record.{name}))\n\
             if {name} == \"\" {{ {name} = \"0\" }}\n\
             if err != null || {} {{\n  abort \"envelope: `{name}` is no unsigned integer\"\n}}",
            super::types::no_u64(name)
        );
    }
    out
}
