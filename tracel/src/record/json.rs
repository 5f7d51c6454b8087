//! JSON by hand: strings, numbers and every [`Val`], in the wire forms of the schema's types.

use super::{hex, out::Out, short, time};
use crate::value::Val;
use std::{error::Error, fmt, fmt::Write as _, io, mem, net::IpAddr, time::Duration};

/// An error's chain is followed no further than this: a source that leads back to itself must end.
const CHAIN: usize = 64;

/// JSON that is nested deeper than this is its text: readers of records give up at 128 (serde_json, Vector) or 1,000
/// (ClickHouse), and the record is nested itself.
const DEEPEST: usize = 100;

/// Bytes that a JSON string cannot hold as they are.
static ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Whether nothing has to be escaped. Most texts are so, and sixteen bytes at once take as long as one: without the early
/// end of a search the compiler needs no branch for each.
#[inline(never)]
fn is_clean(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let dirty = |byte: &u8| u8::from(*byte < 0x20) | u8::from(*byte == b'"') | u8::from(*byte == b'\\');
    let chunk = |chunk: &[u8; 16]| chunk.iter().fold(0, |found, byte| found | dirty(byte)) == 0;
    chunks.iter().all(chunk) && !rest.iter().any(|&byte| ESCAPED[byte as usize])
}

/// Appends the inside of a JSON string.
#[inline(never)]
pub(crate) fn escaped(out: &mut Vec<u8>, text: &str) {
    // A vector has room.
    let _ = inside(out, text.as_bytes());
}

#[inline(always)]
fn inside(out: &mut impl Out, bytes: &[u8]) -> Option<()> {
    match is_clean(bytes) {
        true => out.bytes(bytes),
        false => out.rest(|out| escape_some(out, bytes)),
    }
}

#[inline(never)]
fn escape_some(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut clean = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if ESCAPED[byte as usize] {
            out.extend_from_slice(&bytes[clean..at]);
            clean = at + 1;
            escape(out, byte);
        }
    }
    out.extend_from_slice(&bytes[clean..]);
}

#[cold]
fn escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

/// Appends a JSON string of these bytes, which are UTF-8.
#[inline(always)]
pub(crate) fn text_of(out: &mut impl Out, bytes: &[u8]) -> Option<()> {
    out.block(b"\"", 1)?;
    if !short::clean(out, bytes)? {
        inside(out, bytes)?;
    }
    out.block(b"\"", 1)
}

/// Appends a JSON string.
#[inline]
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends a decimal integer.
#[inline]
pub(crate) fn integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// The same of one that may be greater than what JSON's readers have numbers for.
#[inline(always)]
pub(crate) fn count(out: &mut impl Out, value: u64) -> Option<()> {
    match value < short::NUMBERS {
        true => short::number(out, value as u32),
        false => out.rest(|out| integer(out, value)),
    }
}

/// A formatter's way into the inside of a JSON string.
struct Escaper<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaper<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escaped(self.0, text);
        Ok(())
    }
}

/// Appends what `args` formats to as a JSON string. A formatter that gives up leaves what it wrote.
pub(crate) fn formatted(out: &mut Vec<u8>, args: fmt::Arguments<'_>) {
    out.push(b'"');
    let _ = Escaper(out).write_fmt(args);
    out.push(b'"');
}

/// Appends a value in its wire form.
pub(crate) fn value(out: &mut Vec<u8>, value: &Val<'_>) {
    // A vector has room.
    let _ = frequent(out, value);
}

/// The same, for where each record comes by.
#[inline(always)]
pub(crate) fn frequent(out: &mut impl Out, value: &Val<'_>) -> Option<()> {
    match *value {
        Val::U64(value) if value < short::NUMBERS => short::number(out, value as u32),
        Val::Str(text) => text_of(out, text.as_bytes()),
        Val::Uuid(id) => {
            const LEN: usize = hex::UUID + 2;
            out.changed(&[b'"'; LEN], LEN, |text| {
                if let Some(digits) = text.get_mut(1..).and_then(<[u8]>::first_chunk_mut) {
                    hex::hyphenated(&id, digits);
                }
            })
        }
        _ => out.rest(|out| rare(out, value)),
    }
}

/// Apart from the others for the registers that its calls need.
#[inline(never)]
fn rare(out: &mut Vec<u8>, value: &Val<'_>) {
    match *value {
        Val::Null => out.extend_from_slice(b"null"),
        Val::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Val::I64(value) => integer(out, value),
        Val::U64(value) => unsigned(out, value),
        Val::F64(value) if value.is_finite() => number(out, value),
        Val::F64(_) => out.extend_from_slice(b"null"),
        Val::Str(_) | Val::Uuid(_) => self::value(out, value),
        Val::Display(value) => formatted(out, format_args!("{value}")),
        Val::Debug(value) => formatted(out, format_args!("{value:?}")),
        Val::Path(path) => formatted(out, format_args!("{}", path.display())),
        Val::Ip(IpAddr::V4(address)) => dotted(out, address.octets()),
        Val::Ip(IpAddr::V6(address)) => unescaped(out, format_args!("{address}")),
        Val::Time(at) => time::moment(out, at.into()),
        Val::Duration(duration) => nanoseconds(out, duration),
        Val::Bytes(bytes) => unescaped(out, format_args!("{}", base64(bytes))),
        Val::Json(value) if is_deeper(value, DEEPEST) => formatted(out, format_args!("{value}")),
        Val::Json(value) => {
            // A `Value` has string keys only, so serde_json cannot fail on it.
            let _ = serde_json::to_writer(out, value);
        }
        Val::Error(error) => formatted(out, format_args!("{}", Chain(error))),
        Val::List(list) => {
            out.push(b'[');
            let mut first = true;
            list.each(&mut |item| {
                if !mem::take(&mut first) {
                    out.push(b',');
                }
                self::value(out, &item);
            });
            out.push(b']');
        }
    }
}

/// Whether there are more than `levels` arrays and objects in one another.
fn is_deeper(value: &serde_json::Value, levels: usize) -> bool {
    let is_deeper = |inner| is_deeper(inner, levels - 1);
    match value {
        serde_json::Value::Array(items) => levels == 0 || items.iter().any(is_deeper),
        serde_json::Value::Object(map) => levels == 0 || map.values().any(is_deeper),
        _ => false,
    }
}

/// Appends a value as text, the form of everything under `extra`.
pub(crate) fn text(out: &mut Vec<u8>, value: &Val<'_>) {
    let start = out.len();
    self::value(out, value);
    if out.get(start) == Some(&b'"') {
        return;
    }
    if out[start..].iter().any(|&byte| ESCAPED[byte as usize]) {
        let plain = String::from_utf8_lossy(&out[start..]).into_owned();
        out.truncate(start);
        string(out, &plain);
    } else {
        // A number or a word: it needs quotes alone, and no memory.
        out.insert(start, b'"');
        out.push(b'"');
    }
}

/// JSON's readers, and VRL, have i64: above that a number is written as a string.
#[inline]
fn unsigned(out: &mut Vec<u8>, value: u64) {
    if value <= i64::MAX as u64 {
        integer(out, value);
    } else {
        out.push(b'"');
        integer(out, value);
        out.push(b'"');
    }
}

fn nanoseconds(out: &mut Vec<u8>, duration: Duration) {
    match u64::try_from(duration.as_nanos()) {
        Ok(nanoseconds) => unsigned(out, nanoseconds),
        Err(_) => formatted(out, format_args!("{}", duration.as_nanos())),
    }
}

/// The shortest digits that read back as the same number, with a point or an exponent, which tell it from an integer.
fn number(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
}

/// An address of four bytes. Its `Display` takes 800 instructions more.
fn dotted(out: &mut Vec<u8>, octets: [u8; 4]) {
    let mut lead = b'"';
    for octet in octets {
        out.push(mem::replace(&mut lead, b'.'));
        integer(out, octet);
    }
    out.push(b'"');
}

/// What is written has nothing to be escaped.
fn unescaped(out: &mut Vec<u8>, args: fmt::Arguments<'_>) {
    out.push(b'"');
    // Writing into a vector cannot fail.
    let _ = io::Write::write_fmt(out, args);
    out.push(b'"');
}

fn base64(bytes: &[u8]) -> impl fmt::Display + '_ {
    use base64::{display::Base64Display, engine::general_purpose::STANDARD};
    Base64Display::new(bytes, &STANDARD)
}

/// An error and what caused it, joined by `": "`.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'a));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        for _ in 1..CHAIN {
            let Some(error) = next else { break };
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

/// A value as other `tracing` layers print it: the text of its wire form, without JSON's quotes.
pub(crate) struct Shown<'a>(pub(crate) Val<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Val::Str(text) => f.write_str(text),
            Val::Bool(value) => f.write_str(if value { "true" } else { "false" }),
            Val::I64(value) => f.write_str(itoa::Buffer::new().format(value)),
            Val::U64(value) => f.write_str(itoa::Buffer::new().format(value)),
            Val::Display(value) => value.fmt(f),
            Val::Debug(value) => value.fmt(f),
            Val::Path(path) => path.display().fmt(f),
            Val::Uuid(id) => id.hyphenated().fmt(f),
            Val::Ip(address) => address.fmt(f),
            Val::Error(error) => fmt::Display::fmt(&Chain(error), f),
            Val::Bytes(bytes) => fmt::Display::fmt(&base64(bytes), f),
            _ => {
                let mut out = Vec::new();
                value(&mut out, &self.0);
                f.write_str(String::from_utf8_lossy(&out).trim_matches('"'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: Val<'_>) -> String {
        let mut out = Vec::new();
        self::value(&mut out, &value);
        String::from_utf8(out).unwrap()
    }

    proptest::proptest! {
        #[test]
        fn a_number_reads_back_as_itself_and_is_no_integer(value: f64) {
            let text = written(Val::F64(value));
            if value.is_finite() {
                proptest::prop_assert_eq!(text.parse(), Ok(value));
                proptest::prop_assert!(text.contains(['.', 'e']), "{}", text);
                proptest::prop_assert!(serde_json::from_str::<f64>(&text).is_ok());
            } else {
                proptest::prop_assert_eq!(text, "null");
            }
        }

        #[test]
        fn an_address_is_its_display(address: IpAddr) {
            proptest::prop_assert_eq!(written(Val::Ip(address)), format!("\"{address}\""));
        }
    }

    #[test]
    fn numbers_that_may_be_written_in_several_ways() {
        let written = [
            0.0,
            -0.0,
            1.0,
            0.1,
            1e15,
            1e16,
            1e-5,
            1e-7,
            f64::MAX,
            f64::MIN_POSITIVE,
        ]
        .map(|value| written(Val::F64(value)));
        let expected = [
            "0.0",
            "-0.0",
            "1.0",
            "0.1",
            "1000000000000000.0",
            "1e+16",
            "0.00001",
            "1e-7",
            "1.7976931348623157e+308",
            "2.2250738585072014e-308",
        ];
        assert_eq!(written, expected);
    }
}
