//! A line's parts, in their order, in memory that grows and in a place of a given length.

use super::*;
use crate::{
    context::{Request, SharedContext, Within, memory},
    encode::fixed::Said,
    event::Key,
    record::{json, members::Labels},
    value::Val,
};
use std::sync::Arc;
use tracing_core::Level;

static KEYS: [Key; 3] = [
    Key::safe("amount"),
    Key::safe("currency"),
    Key::safe("payment_id"),
];

fn context(fields: &[&'static str], open: bool) -> SharedContext {
    let mut own = memory::take();
    for name in fields {
        own.fields()
            .add(name, !open, |out| json::string(out, "of the span"));
    }
    let within = Within::Request {
        request: Arc::new(Request::new(Uuid::nil(), true, None)),
        caller: None,
    };
    own.begin(within, |text| json::string(text, "transaction"));
    own.shareable()
}

/// Of a callsite of the process's own schema, and of another's: both are the same but for that.
fn written(own: &Members, context: Option<&SpanContext>, at: Moment) -> String {
    let text = written_under("", own, context, at);
    let others = written_under("other@2", own, context, at);
    assert_eq!(others, text.replace("acme@1", "other@2"));
    text
}

fn written_under(schema: &str, own: &Members, context: Option<&SpanContext>, at: Moment) -> String {
    let fixed = Fixed::of(&Said {
        level: &Level::WARN,
        module: "pay",
        message: "captured payment",
        log_type: "system",
        event_name: "",
        source: None,
        target: None,
        schema,
    });
    let mut out = Vec::new();
    let uuid = Uuid::nil();
    let schema = b",\"schema\":\"acme@1\"}";
    let line = Line {
        at,
        uuid,
        fixed: &fixed,
        schema,
        context,
        own,
    };
    line.write(&mut out);
    is_the_same_in_place(&line, &out);
    let (header, json) = out.split_first_chunk::<HEADER>().unwrap();
    let service = usize::from(u16::from_le_bytes([header[0], header[1]]));
    let instance = usize::from(u16::from_le_bytes([header[2], header[3]]));
    let text = std::str::from_utf8(json).unwrap();
    // The shipper puts its keys between two members.
    assert!(text[..service].ends_with('"') && text[service..].starts_with(",\"module_name\":"));
    assert!(text[instance..].starts_with(",\"schema\":"));
    serde_json::from_str::<serde_json::Value>(text).unwrap();
    text.to_owned()
}

/// Where there is room for it; where there is none, nobody is told that there was.
fn is_the_same_in_place(line: &Line<'_>, payload: &[u8]) {
    let (mut place, mut aside) = (vec![b'?'; payload.len() + 64], b"of the record before".to_vec());
    let max = payload.len() - HEADER;
    let len = line.write_to(&mut place, &mut aside, max);
    assert_eq!(len, Some(payload.len()));
    assert_eq!(&place[..payload.len()], payload);
    assert_eq!(line.write_to(&mut place, &mut aside, max - 1), None);
    for short in 0..payload.len() {
        assert_eq!(line.write_to(&mut place[..short], &mut aside, max), None);
    }
}

fn of_values(values: [Val<'_>; 3], context: Option<&SpanContext>) -> String {
    let mut members = Members::default();
    members.add_all(&Labels::of(&KEYS), &values);
    written(&members, context, Moment::now())
}

#[test]
fn alone_and_in_spans_with_and_without_the_same_names() {
    let values = [Val::U64(1999), Val::Str("EUR"), Val::Uuid(Uuid::nil())];
    let some = [Val::Null, Val::Str("a \"quoted\" one"), Val::Null];
    let contexts = [
        context(&[], false),
        context(&["user_id", "tenant"], false),
        context(&["user_id", "currency"], false),
        context(&["socket"], true),
        context(&["amount", "socket"], true),
    ];
    let rare = [
        Val::F64(0.5),
        Val::Str("a text of more than sixteen bytes"),
        Val::Bool(true),
    ];
    for values in [values, some, rare, [Val::Null; 3]] {
        of_values(values, None);
        for context in &contexts {
            of_values(values, Some(context));
        }
    }
    let text = of_values(values, Some(&contexts[2]));
    assert_eq!(text.matches("\"currency\":").count(), 1);
    assert!(text.contains("\"currency\":\"EUR\""));
    let text = of_values(values, Some(&contexts[3]));
    assert!(text.contains(",\"extra\":{\"socket\":\"of the span\"},\"schema\":"));
}

#[test]
fn a_field_that_came_late_gives_way_as_well() {
    let context = context(&["user_id"], false);
    let mut late = Members::default();
    late.add("currency", false, |out| json::string(out, "late"));
    late.add("socket", false, |out| json::string(out, "late"));
    context.add(late);
    let text = of_values([Val::Null, Val::Str("EUR"), Val::Null], Some(&context));
    assert!(text.contains("\"currency\":\"EUR\"") && text.contains("\"extra\":{\"socket\":\"late\"}"));
}

#[test]
fn a_moment_that_rfc_3339_cannot_write() {
    let far = std::time::UNIX_EPOCH + std::time::Duration::from_secs(253_402_300_800);
    let members = Members::default();
    let text = written(&members, None, far.into());
    assert!(text.starts_with("{\"timestamp\":null,\"level\":\"WARN\",\"event_id\":\"00000000-"));
}
