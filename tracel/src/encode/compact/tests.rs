//! A record that was written here becomes the very line that its JSON becomes, and a damaged one becomes none or another, and
//! no panic.

use super::*;
use crate::{
    context::{Request, SharedContext, Within, memory},
    encode::{
        definition,
        fixed::{Fixed, Said},
        line::Line,
    },
    event::Key,
    record::{members::Members, uuid7},
};
use proptest::prelude::*;
use std::{
    net::{IpAddr, Ipv6Addr},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tracing_core::Level;

static KEYS: [Key; 4] = [
    Key::safe("amount"),
    Key::safe("currency"),
    Key::safe("a_name_that_is_longer_than_the_room_of_a_label"),
    Key::safe("payment_id"),
];

const SCHEMA: &[u8] = b",\"schema\":\"acme@1\"}";
const NUMBER: u32 = 77;

fn fixed(level: &Level, event_name: &str, schema: &str) -> Fixed {
    Fixed::of(&Said {
        level,
        module: "pay",
        message: "captured \"payment\"",
        log_type: "user",
        event_name,
        source: Some(("src/pay.rs", 42)),
        target: None,
        schema,
    })
}

fn context(module: Option<&str>, fields: &[(&'static str, bool)]) -> SharedContext {
    let mut own = memory::take();
    for (name, declared) in fields {
        own.fields()
            .add(name, *declared, |out| json::string(out, "of the span"));
    }
    if let Some(module) = module {
        own.set_module(module);
    }
    let within = Within::Request {
        request: Arc::new(Request::new(Uuid::from_u128(3), true, None)),
        caller: None,
    };
    own.begin(within, |text| json::string(text, "transaction"));
    own.shareable()
}

/// The payload, and the definition that it names.
fn written(
    fixed: &Fixed,
    values: &[Val<'_>; 4],
    context: Option<&SpanContext>,
    at: Moment,
    max: usize,
) -> (Option<Vec<u8>>, Vec<u8>, String) {
    let labels = Labels::of(&KEYS);
    let mut bytes = Vec::new();
    assert!(definition::write(fixed, &labels, SCHEMA, &mut bytes));
    let (mut place, mut aside) = ([0xaa; 4096], b"of the record before".to_vec());
    let record = Record {
        at,
        uuid: uuid7(at),
        definition: Named {
            number: NUMBER,
            len: bytes.len(),
        },
        context,
        values: (&labels, values),
    };
    let len = record.write(&mut place, &mut aside, max);
    let mut members = Members::default();
    members.add_all(&labels, values);
    let line = Line {
        at,
        uuid: record.uuid,
        fixed,
        schema: SCHEMA,
        context,
        own: &members,
    };
    let (mut json, mut expected) = (Vec::new(), Vec::new());
    line.write(&mut json);
    process().complete_json(5, 123_456_789, &json, &mut expected);
    let expected = String::from_utf8(expected).unwrap();
    (len.map(|len| place[..len].to_vec()), bytes, expected)
}

fn process() -> Process {
    Process::new("Pay\"ment", Uuid::from_u128(9))
}

fn completed(payload: &[u8], definition: &[u8]) -> Vec<u8> {
    let mut out = b"the line before\n".to_vec();
    let defined = |number, show: &mut dyn FnMut(&[u8])| {
        if number == NUMBER {
            show(definition);
        }
    };
    process().complete(5, 123_456_789, payload, defined, &mut out);
    assert!(out.starts_with(b"the line before\n"));
    out.split_off(16)
}

/// Every way a value can be, and texts of all lengths around those that are copied apart.
fn values() -> Vec<Val<'static>> {
    static LONG: [u8; 300] = [b'l'; 300];
    let text = |len: usize| Val::Str(std::str::from_utf8(&LONG[..len]).unwrap());
    let mut values = vec![
        Val::Null,
        Val::Bool(true),
        Val::Bool(false),
        Val::I64(-5),
        Val::I64(i64::MIN),
        Val::U64(0),
        Val::U64(99_999_999),
        Val::U64(100_000_000),
        Val::U64(u64::MAX),
        Val::F64(0.1),
        Val::F64(f64::NAN),
        Val::Str("two\nlines, a \"quotation\" and \u{1}"),
        Val::Str("\""),
        Val::Str(std::str::from_utf8(&[1; 300]).unwrap()),
        Val::Str("größer"),
        Val::Path(Path::new("/var/\"log\"")),
        Val::Uuid(Uuid::from_u128(u128::MAX / 3)),
        Val::Ip(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        Val::Time(SystemTime::UNIX_EPOCH),
        Val::Duration(Duration::from_nanos(u64::MAX)),
        Val::Bytes(b"bytes"),
    ];
    values.extend((0..20).chain([31, 32, 33, 64, 65, 300]).map(text));
    values
}

#[test]
fn the_line_is_the_same_whichever_way_a_record_goes() {
    let contexts = [
        None,
        Some(context(None, &[])),
        Some(context(
            Some("transaction"),
            &[("user_id", true), ("tenant", true)],
        )),
        Some(context(Some("a \"module\""), &[])),
    ];
    let (mut compact, at) = (0, Moment::now());
    for (number, value) in values().into_iter().enumerate() {
        let rest = [Val::U64(1999), Val::Null, value];
        for (context, schema, level) in [
            (&contexts[number % 4], "", Level::INFO),
            (&contexts[(number + 1) % 4], "other@2", Level::ERROR),
            (&contexts[(number + 2) % 4], "", Level::TRACE),
        ] {
            let fixed = fixed(
                &level,
                if schema.is_empty() { "payment_captured" } else { "" },
                schema,
            );
            for values in [
                [value, rest[0], rest[1], rest[2]],
                [rest[0], value, rest[2], rest[1]],
                [value, Val::Null, Val::Null, Val::Null],
            ] {
                let (payload, definition, expected) =
                    written(&fixed, &values, context.as_deref(), at, usize::MAX);
                let payload = payload.expect("it is one of those that can be");
                compact += payload.len();
                assert!(is_one(&payload));
                let line = completed(&payload, &definition);
                assert_eq!(String::from_utf8(line).unwrap(), expected);
                serde_json::from_str::<serde_json::Value>(&expected).unwrap();
            }
        }
    }
    assert!(compact > 0);
}

#[test]
fn a_moment_that_rfc_3339_cannot_write() {
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800);
    let (payload, definition, expected) = written(
        &fixed(&Level::WARN, "", ""),
        &[Val::Null; 4],
        None,
        far.into(),
        usize::MAX,
    );
    assert!(expected.starts_with("{\"timestamp\":null,"));
    assert_eq!(completed(&payload.unwrap(), &definition), expected.as_bytes());
}

/// They go as JSON.
#[test]
fn what_needs_more_than_its_parts_in_their_order_is_not_written() {
    let (fixed, at) = (fixed(&Level::INFO, "", ""), Moment::now());
    let values = [Val::U64(1), Val::Str("EUR"), Val::Null, Val::Null];
    let same_name = context(None, &[("currency", true)]);
    let open = context(None, &[("socket", false)]);
    let late = context(None, &[("user_id", true)]);
    let mut more = Members::default();
    more.add("tenant", true, |out| json::string(out, "late"));
    late.add(more);
    for context in [&same_name, &open, &late] {
        assert_eq!(written(&fixed, &values, Some(context), at, usize::MAX).0, None);
    }
    let json = serde_json::json!(1);
    let error = std::io::Error::other("no");
    for value in [
        Val::Display(&1),
        Val::Debug(&1),
        Val::Json(&json),
        Val::Error(&error),
        Val::List(&[1_u32]),
    ] {
        let values = [Val::U64(1), value, Val::Null, Val::Null];
        assert_eq!(
            written(&fixed, &values, None, at, usize::MAX).0,
            None,
            "{value:?}"
        );
    }
    let long = "x".repeat(70_000);
    for text in [&long[..], &long[..4096]] {
        let values = [Val::Str(text), Val::Null, Val::Null, Val::Null];
        assert_eq!(written(&fixed, &values, None, at, usize::MAX).0, None);
        let values = [Val::Path(Path::new(text)), Val::Null, Val::Null, Val::Null];
        assert_eq!(written(&fixed, &values, None, at, usize::MAX).0, None);
    }
}

/// What might be longer than a record may be is JSON, which can be cut.
#[test]
fn no_line_is_longer_than_it_may_be() {
    let (fixed, at) = (fixed(&Level::INFO, "payment_captured", ""), Moment::now());
    let (short, mut some) = (context(Some("transaction"), &[("user_id", true)]), [0; 2]);
    for value in values().into_iter().chain([Val::Str("\u{1}\u{2}\u{3}\u{4}")]) {
        let values = [value; 4];
        for max in (0..6_000).step_by(100) {
            let (payload, definition, expected) = written(&fixed, &values, Some(&short), at, max);
            if let Some(payload) = &payload {
                let line = completed(payload, &definition);
                assert_eq!(line, expected.as_bytes());
                assert!(
                    line.len() <= max + process().overhead() + 1,
                    "{} {max}",
                    line.len()
                );
            }
            some[usize::from(payload.is_some())] += 1;
        }
    }
    assert!(some.iter().all(|&some| some > 100), "{some:?}");
}

#[test]
fn one_that_is_damaged_makes_no_line_or_another_one() {
    let at = Moment::now();
    let context = context(Some("transaction"), &[("user_id", true), ("tenant", true)]);
    let values = [
        Val::U64(1999),
        Val::Str("EUR"),
        Val::Path(Path::new("/")),
        Val::Uuid(Uuid::nil()),
    ];
    let fixed = fixed(&Level::INFO, "payment_captured", "");
    let (payload, definition, expected) = written(&fixed, &values, Some(&context), at, usize::MAX);
    let payload = payload.unwrap();
    assert_eq!(completed(&payload, &definition), expected.as_bytes());
    // Behind its values stands who logged, of whatever length.
    let whole = payload.len() - b",\"thread\":".len();
    for end in 0..whole {
        let line = completed(&payload[..end], &definition);
        let is_valid = serde_json::from_slice::<serde_json::Value>(&line).is_ok();
        assert!(line.is_empty() || !is_valid || end > HEAD, "{end}");
    }
    for end in 0..definition.len() {
        assert_eq!(completed(&payload, &definition[..end]), b"", "{end}");
    }
    assert_eq!(completed(&payload, b""), b"");
    let mut unknown = payload.clone();
    unknown[8] += 1;
    assert_eq!(completed(&unknown, &definition), b"", "of another number");
    for at in 0..payload.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = payload.clone();
            changed[at] ^= change;
            completed(&changed, &definition);
        }
    }
    for at in 0..definition.len() {
        let mut changed = definition.clone();
        changed[at] ^= 0xff;
        completed(&payload, &changed);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_borne(mut payload: Vec<u8>, definition: Vec<u8>, head in any::<[u8; HEAD]>()) {
        completed(&payload, &definition);
        payload.splice(0..0, head);
        payload[..2].fill(0);
        payload[8..12].copy_from_slice(&NUMBER.to_le_bytes());
        payload[3..8].fill(0);
        completed(&payload, &definition);
    }

    #[test]
    fn any_values_are_the_same(amount: u64, text in ".{0,40}", number: f64, id: u128, seconds in -70_000_000_000_i64..260_000_000_000) {
        let at = Moment::of_parts(seconds, 999_999_999).unwrap();
        let values = [Val::U64(amount), Val::Str(&text), Val::F64(number), Val::Uuid(Uuid::from_u128(id))];
        let context = context(Some(&text), &[("user_id", true)]);
        let (payload, definition, expected) =
            written(&fixed(&Level::INFO, "payment_captured", ""), &values, Some(&context), at, usize::MAX);
        prop_assert_eq!(String::from_utf8(completed(&payload.unwrap(), &definition)).unwrap(), expected);
    }
}
