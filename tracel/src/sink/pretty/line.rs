//! One record as a line for people: time, level, request, origin, message, fields. Where it goes is not known here.

use serde_json::{Map, Value};
use std::fmt::{self, Write};

/// Lays lines out, and remembers how wide the columns are.
#[derive(Debug)]
pub(super) struct Painter {
    color: bool,
    origin: usize,
    line: String,
}

/// The origin's column grows up to this many characters, and messages are filled up to that many.
const ORIGIN: usize = 32;
const MESSAGE: usize = 28;

/// The `event_name` of a census.
const CENSUS: &str = "tracel_census";

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const WARN: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

impl Painter {
    pub(super) fn new(color: bool) -> Self {
        Painter {
            color,
            origin: 0,
            line: String::new(),
        }
    }

    /// Appends the line, without its end, for a record in JSON; as it is when it is none. A census is nothing for people: it
    /// leaves no line, and the answer is false.
    pub(super) fn paint(&mut self, record: &[u8], out: &mut Vec<u8>) -> bool {
        self.line.clear();
        match serde_json::from_slice(record) {
            // Writing to a string does not fail.
            Ok(Value::Object(record)) if record.get("event_name").is_some_and(|name| name == CENSUS) => {
                return false;
            }
            Ok(Value::Object(record)) => _ = self.record(&record),
            _ => _ = write!(self.line, "{}", Escaped(&String::from_utf8_lossy(record))),
        }
        out.extend_from_slice(self.line.trim_end().as_bytes());
        true
    }

    /// One record alone.
    pub(super) fn shown(mut self, record: &Map<String, Value>) -> String {
        // Writing to a string does not fail.
        let _ = self.record(record);
        self.line.truncate(self.line.trim_end().len());
        self.line
    }

    fn record(&mut self, record: &Map<String, Value>) -> fmt::Result {
        let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        let time = text("timestamp");
        self.styled(
            DIM,
            format_args!("{:12}", Escaped(time.get(11..23).unwrap_or(time))),
        )?;
        let level = text("level");
        let style = match level {
            "ERROR" => "\x1b[1;31m",
            "WARN" => WARN,
            "INFO" => "\x1b[32m",
            "DEBUG" => "\x1b[34m",
            _ => "\x1b[35m",
        };
        self.line.push(' ');
        self.styled(style, format_args!("{:>5}", Escaped(level)))?;
        // The end of a UUIDv7 is random; its begin is the same for a minute.
        let id = text("event_id");
        let nil = id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
        let tail = id.char_indices().rev().nth(7).map_or(id, |(at, _)| &id[at..]);
        // TraceL's own records are of no request, and no orphans.
        let orphan = nil && !id.is_empty() && !text("event_name").starts_with("tracel_");
        self.line.push(' ');
        match orphan {
            true => self.styled(WARN, format_args!("{:8}", "orphan"))?,
            false => self.styled(DIM, format_args!("{:8}", Escaped(if nil { "-" } else { tail })))?,
        }
        self.line.push(' ');
        self.origin(text("service_name"), text("module_name"), text("target"))?;
        let start = self.line.len();
        self.styled(BOLD, format_args!("{}", Escaped(text("message"))))?;
        let painted = if self.color { BOLD.len() + RESET.len() } else { 0 };
        let width = self.line[start..].chars().count() - painted;
        let fill = MESSAGE.saturating_sub(width);
        write!(self.line, "{:fill$}", "")?;
        for fields in ["metadata", "extra"] {
            if let Some(Value::Object(fields)) = record.get(fields) {
                fields
                    .iter()
                    .try_for_each(|(key, value)| self.field(key, value))?;
            }
        }
        // Whoever sees an orphan looks for the code that logged it.
        let source = text("source");
        if orphan && !source.is_empty() {
            self.line.push(' ');
            self.styled(DIM, format_args!("at {}", Escaped(source)))?;
        }
        Ok(())
    }

    fn origin(&mut self, service: &str, module: &str, target: &str) -> fmt::Result {
        let start = self.line.len();
        let module = if module.is_empty() { target } else { module };
        let slash = if service.is_empty() || module.is_empty() {
            ""
        } else {
            "/"
        };
        write!(self.line, "{}{slash}{}", Escaped(service), Escaped(module))?;
        let width = self.line[start..].chars().count();
        self.origin = self.origin.max(width.min(ORIGIN));
        let fill = self.origin.saturating_sub(width) + 1;
        write!(self.line, "{:fill$}", "")
    }

    fn field(&mut self, key: &str, value: &Value) -> fmt::Result {
        self.line.push(' ');
        self.styled(DIM, format_args!("{}=", Escaped(key)))?;
        match value {
            Value::String(text) if is_bare(text) => write!(self.line, "{text}"),
            Value::String(text) => write!(
                self.line,
                "\"{}\"",
                Escaped(&text.replace('\\', "\\\\").replace('"', "\\\""))
            ),
            other => write!(self.line, "{}", Escaped(&other.to_string())),
        }
    }

    fn styled(&mut self, style: &str, text: fmt::Arguments<'_>) -> fmt::Result {
        if self.color {
            self.line.push_str(style);
        }
        self.line.write_fmt(text)?;
        if self.color {
            self.line.push_str(RESET);
        }
        Ok(())
    }
}

/// Whether a text can stand behind `key=` without quotes.
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || drives(c) || matches!(c, '"' | '=' | '\\'))
}

/// Characters that change how a terminal shows others: their direction, and the ends of lines beyond ASCII.
fn drives(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text in which nothing drives the terminal that it is shown on.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.chars().any(|c| c.is_control() || drives(c)) {
            return f.pad(self.0);
        }
        for c in self.0.chars() {
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() || drives(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint(painter: &mut Painter, record: &str) -> String {
        let mut out = Vec::new();
        painter.paint(record.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    const RECORD: &str = r#"{"timestamp":"2026-11-22T11:40:00.123456789Z","level":"INFO",
        "event_id":"01931c6e-0000-7000-8000-0000deadbeef","service_name":"Payment","module_name":"Transaction",
        "message":"payment captured","metadata":{"amount":1999,"note":"two words","currency":"EUR"},
        "extra":{"x":"1"},"lane":2}"#;

    #[test]
    fn plain() {
        let line = paint(&mut Painter::new(false), RECORD);
        assert_eq!(
            line,
            "11:40:00.123  INFO deadbeef Payment/Transaction payment captured             \
             amount=1999 currency=EUR note=\"two words\" x=1"
        );
    }

    #[test]
    fn columns_are_aligned() {
        let mut painter = Painter::new(false);
        let first = paint(&mut painter, RECORD);
        let other = paint(
            &mut painter,
            r#"{"timestamp":"2026-11-22T11:40:01.000000000Z","level":"ERROR",
            "event_id":"00000000-0000-0000-0000-000000000000","service_name":"Ledger","message":"m","event_name":"tracel_lost",
            "metadata":{"amount":1}}"#,
        );
        assert_eq!(first.find("payment c"), other.find("m "));
        assert_eq!(first.find("amount"), other.find("amount"));
        assert!(
            other.starts_with("11:40:01.000 ERROR -        Ledger "),
            "{other}"
        );
    }

    #[test]
    fn an_orphan_is_marked_and_found() {
        let orphan = r#"{"timestamp":"2026-11-22T11:40:01.000000000Z","level":"INFO",
            "event_id":"00000000-0000-0000-0000-000000000000","service_name":"Ledger","message":"m","metadata":{"amount":1},
            "source":"src/pay.rs:42"}"#;
        let line = paint(&mut Painter::new(false), orphan);
        assert!(line.starts_with("11:40:01.000  INFO orphan   Ledger "), "{line}");
        assert!(line.ends_with(" amount=1 at src/pay.rs:42"), "{line}");
        let of_a_request = orphan.replace("00000000-0000", "01931c6e-0000");
        let line = paint(&mut Painter::new(false), &of_a_request);
        assert!(!line.contains("orphan") && !line.contains("src/pay.rs"), "{line}");
    }

    #[test]
    fn coloured() {
        let line = paint(&mut Painter::new(true), RECORD);
        assert!(line.contains("\x1b[32m INFO\x1b[0m"), "{line:?}");
        let mut bare = line;
        for code in [DIM, BOLD, RESET, "\x1b[32m"] {
            bare = bare.replace(code, "");
        }
        assert_eq!(bare, paint(&mut Painter::new(false), RECORD));
    }

    #[test]
    fn nothing_drives_the_terminal() {
        let evil = "\x1b]0;owned\x07\r\n\u{9b}31m\u{202e}\u{2028}";
        let value = Value::String(evil.into());
        let record = serde_json::json!({
            "timestamp": evil, "level": evil, "event_id": evil, "service_name": evil, "module_name": evil,
            "message": evil, "metadata": { evil: value, "list": [evil], "quote": "a\"b\\" }, "extra": { "e": evil },
        });
        let mut painter = Painter::new(false);
        for text in [
            record.to_string(),
            evil.to_string(),
            format!("\"{evil}\""),
            "\u{1b}[2J{".into(),
        ] {
            let line = paint(&mut painter, &text);
            assert!(!line.chars().any(|c| c.is_control() || drives(c)), "{line:?}");
        }
        assert!(paint(&mut painter, &record.to_string()).contains(r#"quote="a\"b\\""#));
    }

    #[test]
    fn anything_is_shown() {
        let mut painter = Painter::new(false);
        assert_eq!(paint(&mut painter, "{\"torn\":"), "{\"torn\":");
        assert_eq!(paint(&mut painter, "[1]"), "[1]");
        for odd in [
            "",
            "{}",
            r#"{"timestamp":"ééééééééééééééé","event_id":"é","metadata":7}"#,
            r#"{"message":null}"#,
        ] {
            paint(&mut painter, odd);
        }
    }
}
