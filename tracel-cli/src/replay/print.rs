//! How a request looks: a tree in the terminal, or lines of JSON.

use super::{
    Record, Request,
    time::human,
    tree::{Item, Row, Span},
};
use serde_json::Value;
use std::{
    fmt::Write as _,
    io::{self, Write},
    mem,
};
use uuid::Uuid;

/// Spans within spans are drawn up to this depth; what is deeper is drawn there.
const DEEPEST: usize = 24;

/// Writes the request as a tree; `is_coloured` says whether `out` is a terminal that shows colours.
///
/// # Errors
/// What writing gave.
pub fn tree(out: &mut dyn Write, event_id: Uuid, request: &Request, is_coloured: bool) -> io::Result<()> {
    let paint = Paint { is_coloured };
    let count = request.count();
    let services = request.services.len();
    writeln!(
        out,
        "{} {}  {}",
        paint.dim("request"),
        paint.bold(&event_id.to_string()),
        paint.dim(&format!(
            "{count} {}, {services} {}, {}",
            if count == 1 { "record" } else { "records" },
            if services == 1 { "service" } else { "services" },
            human(request.end - request.start),
        )),
    )?;
    let offsets: Vec<String> = request.rows.iter().map(|row| offset(row, request)).collect();
    let width = offsets
        .iter()
        .map(|offset| offset.chars().count())
        .max()
        .unwrap_or_default();
    let mut open: Vec<bool> = Vec::new();
    for (row, offset) in request.rows.iter().zip(offsets) {
        open.truncate(row.depth);
        let drawn = row.depth.min(DEEPEST);
        let mut branch: String = open
            .iter()
            .take(drawn)
            .map(|is_open| if *is_open { "│ " } else { "  " })
            .collect();
        branch.push_str(if row.is_last { "└ " } else { "├ " });
        open.push(!row.is_last);
        let text = match &row.item {
            Item::Span(span) => span_text(span, paint),
            Item::Record(record) => record_text(record, paint),
        };
        let offset = format!("{offset:>width$}");
        writeln!(out, "{}  {}{text}", paint.dim(&offset), paint.dim(&branch))?;
    }
    Ok(())
}

/// Writes the records, one JSON object a line, in the order of their times, but none before the span that it was called
/// from began.
///
/// # Errors
/// What writing gave.
pub fn json(out: &mut dyn Write, request: &Request) -> io::Result<()> {
    for record in request.in_order() {
        writeln!(out, "{}", record.to_json())?;
    }
    Ok(())
}

/// From the request's start, by the clock of who logged it.
fn offset(row: &Row, request: &Request) -> String {
    let time = match &row.item {
        Item::Span(span) => span.start,
        Item::Record(record) => record.time,
    };
    let offset = time - request.start;
    format!("{}{}", if offset < 0 { "" } else { "+" }, human(offset))
}

fn span_text(span: &Span, paint: Paint) -> String {
    if span.is_silent {
        return paint.dim(&format!("(span {} logged nothing)", clean(&span.id)));
    }
    let name = if span.name.is_empty() { "span" } else { &span.name };
    let mut text = format!("{} {}", paint.bold(&clean(&span.service)), clean(name));
    if !span.module.is_empty() {
        let _ = write!(text, " {}", paint.dim(&format!("[{}]", clean(&span.module))));
    }
    if let Some(duration) = span.duration {
        let _ = write!(text, "  {}", paint.dim(&human(duration).to_string()));
    }
    if span.is_early_by > 0 {
        let _ = write!(
            text,
            "  {}",
            paint.dim(&format!("(its clock is {} behind?)", human(span.is_early_by)))
        );
    }
    text
}

fn record_text(record: &Record, paint: Paint) -> String {
    let level = record.text("level");
    let mut text = format!("{} ", paint.level(level, &format!("{:<5}", clean(level))));
    if record.text("span_id").is_empty() {
        let _ = write!(text, "{} ", paint.bold(&clean(record.text("service_name"))));
    }
    text.push_str(&clean(record.text("message")));
    let mut separator = "  ";
    for key in ["metadata", "extra"] {
        for (name, value) in record.object(key).into_iter().flatten() {
            let _ = write!(
                text,
                "{}{}{}",
                mem::replace(&mut separator, " "),
                paint.dim(&format!("{}=", clean(name))),
                value_text(value)
            );
        }
    }
    text
}

/// Text stands bare where that is clear, else as JSON.
fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains([' ', '"', '=']) => clean(text),
        other => clean(&other.to_string()),
    }
}

/// What would move the cursor or change a terminal's state is escaped: a log is not to be trusted with that.
fn clean(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_harmful) {
        return text.to_string();
    }
    text.chars().fold(String::new(), |mut out, c| {
        if is_harmful(c) {
            out.extend(c.escape_default())
        } else {
            out.push(c)
        }
        out
    })
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint {
    is_coloured: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.is_coloured && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn level(self, level: &str, text: &str) -> String {
        let code = match level {
            "ERROR" => "1;31",
            "WARN" => "33",
            "INFO" => "32",
            "DEBUG" => "34",
            _ => "2",
        };
        self.with(code, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, tree, value_text};
    use crate::replay::{Record, Request};
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn nothing_that_was_logged_reaches_the_terminal_raw() {
        let line = r#"{"timestamp":"2026-11-22T11:40:00Z","event_id":"0193cf1e-0000-7000-8000-000000000001","uuid":"0193cf1e-0000-7000-8000-000000000002","level":"\u001bX","service_name":"\u001bX","span_id":"s","span_name":"\u009bX","module_name":"\rX","message":"a\nb\u001b[2J","metadata":{"k\u001b":"\u001b]0;x\u0007"},"extra":{"\u202e":{"\u0000":"\u0000"}}}"#;
        let record = Record::read(line.as_bytes()).expect("a record");
        let mut out = Vec::new();
        tree(&mut out, Uuid::nil(), &Request::new(vec![record]), false).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(
            !text
                .chars()
                .any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')),
            "{text:?}"
        );
    }

    #[test]
    fn colours_are_only_for_terminals() {
        let line = r#"{"timestamp":"2026-11-22T11:40:00Z","event_id":"0193cf1e-0000-7000-8000-000000000001","uuid":"0193cf1e-0000-7000-8000-000000000002","level":"ERROR","service_name":"S","message":"m"}"#;
        for is_coloured in [true, false] {
            let record = Record::read(line.as_bytes()).expect("a record");
            let mut out = Vec::new();
            tree(&mut out, Uuid::nil(), &Request::new(vec![record]), is_coloured).expect("memory");
            let text = String::from_utf8(out).expect("text");
            assert_eq!(text.contains("\u{1b}[1;31mERROR\u{1b}[0m"), is_coloured);
            assert_eq!(text.contains('\u{1b}'), is_coloured);
        }
    }

    #[test]
    fn values_are_bare_where_that_is_clear() {
        assert_eq!(value_text(&json!("bare")), "bare");
        assert_eq!(value_text(&json!("two words")), "\"two words\"");
        assert_eq!(value_text(&json!("")), "\"\"");
        assert_eq!(value_text(&json!([1, "a"])), "[1,\"a\"]");
        assert_eq!(clean("a\tb"), "a\\tb");
    }
}
