//! The header `baggage` of the W3C (<https://www.w3.org/TR/baggage/>): the schema's fields that travel. What arrives is
//! anybody's text: only declared names are taken, under their types and classes.

use super::policy::{Carried, CarriedField};
use crate::{
    Class,
    record::{
        json,
        members::Members,
        sensitive::{self, MASK},
    },
    schema::Sensitive,
    value::Val,
};
use std::borrow::Cow;

/// The most that a baggage may hold (section 3.3.2): the standard asks for no more.
const LONGEST: usize = 8192;
const MEMBERS: usize = 64;

/// The current fields that travel, added to what stands in the header already. `None` when there are none.
pub(super) fn write(fields: &[CarriedField], members: &Members, before: Option<&str>) -> Option<String> {
    let mut out = String::new();
    let ours = |name: &str| fields.iter().any(|field| field.name == name);
    let others = before.into_iter().flat_map(|text| text.split(','));
    for other in others.filter(|member| member.contains('=') && !ours(name_of(member))) {
        add(&mut out, other.trim());
    }
    let before = out.len();
    for field in fields {
        let Some(text) = members.json(field.name).and_then(text_of) else {
            continue;
        };
        add(&mut out, &format!("{}={}", field.name, encode(&text)));
    }
    (out.len() > before).then_some(out)
}

/// Adds a member, unless the header would grow longer than anyone must take.
fn add(out: &mut String, member: &str) {
    if out.len() + 1 + member.len() <= LONGEST && out.split(',').count() < MEMBERS {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(member);
    }
}

/// What a header brings of the fields that travel. `Err` when something in it is none, or not of its field's type; the
/// rest is taken.
pub(super) fn read(fields: &[CarriedField], sensitive: Sensitive, text: &str) -> Result<Members, Members> {
    let mut found = Members::default();
    if text.len() > LONGEST {
        return Err(found);
    }
    let mut broken = text.split(',').count() > MEMBERS;
    for member in text.split(',').take(MEMBERS) {
        let name = name_of(member);
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            continue;
        };
        // Properties, which come after a semicolon, are nobody's here.
        let value = member.split_once('=').map_or("", |(_, value)| value);
        let value = value.split(';').next().unwrap_or_default().trim();
        let taken = decode(value).is_some_and(|value| take(&mut found, field, sensitive, &value));
        broken |= !taken;
    }
    if broken { Err(found) } else { Ok(found) }
}

fn name_of(member: &str) -> &str {
    member.split('=').next().unwrap_or_default().trim()
}

/// Adds a field's value; false when it is not of the field's type.
fn take(found: &mut Members, field: &CarriedField, sensitive: Sensitive, text: &str) -> bool {
    if field.class == Class::Sensitive && (text == MASK || sensitive::is_hashed(text)) {
        // The service before has done what its policy says. This one's may say more.
        if sensitive != Sensitive::Drop {
            found.add(field.name, true, |out| json::string(out, text));
        }
        return true;
    }
    let Some(value) = field.kind.parse(text) else {
        return false;
    };
    let mut hash = sensitive::EMPTY;
    let value = sensitive::classed(field.class, sensitive, value, &mut hash);
    if !matches!(value, Val::Null) {
        found.add(field.name, true, |out| json::value(out, &value));
    }
    true
}

impl Carried {
    /// The value that a text stands for; `None` when it is not of this type.
    fn parse<'t>(&self, text: &'t str) -> Option<Val<'t>> {
        match self {
            Carried::Text => Some(Val::Str(text)),
            Carried::Words(words) => words.contains(&text).then_some(Val::Str(text)),
            Carried::Bool => text.parse().ok().map(Val::Bool),
            Carried::Signed(min, max) => {
                let value: i64 = text.parse().ok()?;
                (*min..=*max).contains(&value).then_some(Val::I64(value))
            }
            Carried::Unsigned(max) => text.parse().ok().filter(|value| value <= max).map(Val::U64),
            Carried::Float => text.parse().ok().map(Val::F64),
            Carried::Uuid => text.parse().ok().map(Val::Uuid),
            Carried::Ip => text.parse().ok().map(Val::Ip),
            Carried::Time => is_moment(text).then_some(Val::Str(text)),
        }
    }
}

/// A moment as our records write it: `2026-11-22T11:40:00.123456789Z`.
fn is_moment(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000000000Z";
    let fits = |(&byte, &shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        mark => byte == mark,
    };
    let bytes = text.as_bytes();
    let part = |at: usize, within: std::ops::RangeInclusive<u8>| {
        within.contains(&((bytes[at] - b'0') * 10 + bytes[at + 1] - b'0'))
    };
    bytes.len() == SHAPE.len()
        && bytes.iter().zip(SHAPE).all(fits)
        && part(5, 1..=12)
        && part(8, 1..=31)
        && part(11, 0..=23)
        && part(14, 0..=59)
        && part(17, 0..=59)
}

/// The text of a member's JSON: a string's own, else the JSON itself.
fn text_of(json: &[u8]) -> Option<Cow<'_, str>> {
    match json.first()? {
        b'"' => serde_json::from_slice(json).ok().map(Cow::Owned),
        _ => std::str::from_utf8(json).ok().map(Cow::Borrowed),
    }
}

/// What is not a `baggage-octet`, and the percent sign, as `%XX`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'%' | b'"' | b',' | b';' | b'\\' | ..=b' ' | 0x7f.. => out.push_str(&format!("%{byte:02X}")),
            _ => out.push(char::from(byte)),
        }
    }
    out
}

/// Undoes [`encode`]; `None` when a percent sign does not stand before two digits, or the bytes are not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                out.push((digit()? * 16 + digit()?) as u8);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIELDS: &[CarriedField] = &[
        CarriedField::new("tenant", Carried::Text, Class::Safe),
        CarriedField::new("plan", Carried::Words(&["free", "paid"]), Class::Safe),
        CarriedField::new("shard", Carried::Unsigned(255), Class::Safe),
        CarriedField::new("offset", Carried::Signed(-128, 127), Class::Safe),
        CarriedField::new("due", Carried::Time, Class::Safe),
        CarriedField::new("card", Carried::Text, Class::Sensitive),
    ];

    fn shown(members: &Members) -> String {
        let mut out = Vec::new();
        members.write(&mut out, crate::record::members::Part::Metadata, None, &mut b' ');
        String::from_utf8(out)
            .expect("JSON is UTF-8")
            .trim_start()
            .to_owned()
    }

    fn taken(text: &str) -> (bool, String) {
        match read(FIELDS, Sensitive::Mask, text) {
            Ok(members) => (true, shown(&members)),
            Err(members) => (false, shown(&members)),
        }
    }

    #[test]
    fn declared_names_are_taken_under_their_types() {
        let text = "tenant=a%20%22b%22, shard=7;ttl=1 ,other=x,plan=paid,offset=-3,due=2026-11-22T11:40:00.123456789Z";
        let expected = r#""tenant":"a \"b\"","shard":7,"plan":"paid","offset":-3,"due":"2026-11-22T11:40:00.123456789Z""#;
        assert_eq!(taken(text), (true, expected.into()));
    }

    #[test]
    fn what_is_not_of_its_type_is_left_out_and_said() {
        for (text, rest) in [
            ("shard=256,tenant=a", r#""tenant":"a""#),
            ("plan=gold", ""),
            ("offset=200", ""),
            ("due=yesterday", ""),
            ("due=2026-13-22T11:40:00.123456789Z", ""),
            ("tenant=%f", ""),
            ("tenant=%ff", ""),
        ] {
            assert_eq!(taken(text), (false, rest.into()), "{text}");
        }
        let many = "x=1,".repeat(10_000);
        assert_eq!(taken(&many), (false, String::new()));
        assert_eq!(
            taken(&format!("tenant=a{}", ",x=1".repeat(100))).1,
            r#""tenant":"a""#
        );
    }

    #[test]
    fn a_sensitive_value_stays_hidden() {
        assert_eq!(taken("card=4111"), (true, r#""card":"***""#.into()));
        let hash = format!("hash:{}", "0f".repeat(16));
        assert_eq!(
            taken(&format!("card={hash}")),
            (true, format!(r#""card":"{hash}""#))
        );
        for clear in [
            "hash:4111".to_owned(),
            format!("{hash}4111"),
            hash.replace('f', "F"),
        ] {
            assert_eq!(taken(&format!("card={clear}")).1, r#""card":"***""#, "{clear}");
        }
        for hidden in ["***", &hash] {
            let members = read(FIELDS, Sensitive::Drop, &format!("card={hidden}"));
            assert_eq!(shown(&members.expect("a baggage")), "", "this service drops it");
        }
    }

    #[test]
    fn nobody_is_sent_more_than_all_must_take() {
        let mut members = Members::default();
        members.add("tenant", true, |out| json::string(out, "acme"));
        let long = format!("k={},", "v".repeat(800));
        for (theirs, has_room) in [
            ("k=1,".repeat(63), true),
            ("k=1,".repeat(500), false),
            (long.repeat(10), true),
            (long.repeat(11) + &"v".repeat(7000) + "=1", true),
            (long.repeat(10) + "k=" + &"v".repeat(150), false),
        ] {
            let sent = write(FIELDS, &members, Some(&theirs));
            assert_eq!(sent.is_some(), has_room, "{sent:?}");
            let sent = sent.unwrap_or_default();
            assert!(
                sent.len() <= LONGEST && sent.split(',').count() <= MEMBERS,
                "{sent}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tenant in ".{0,200}", shard in any::<u8>(), offset in any::<i8>()) {
            let mut members = Members::default();
            members.add("tenant", true, |out| json::string(out, &tenant));
            members.add("shard", true, |out| json::integer(out, shard));
            members.add("offset", true, |out| json::integer(out, offset));
            let header = write(FIELDS, &members, Some("theirs=1,tenant=old")).expect("fields");
            prop_assert!(header.starts_with("theirs=1,tenant=") && !header.contains("tenant=old"));
            prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(taken(&header), (true, shown(&members)));
        }

        #[test]
        fn no_text_does_harm(text in "\\PC*") {
            let (_, json) = taken(&text);
            let object = format!("{{{json}}}");
            prop_assert!(serde_json::from_str::<serde_json::Value>(&object).is_ok());
        }
    }
}
