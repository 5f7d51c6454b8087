//! As much of ClickHouse's syntax as it takes to see where an INSERT ends and its rows begin, and which
//! FORMAT a query names. It parses nothing else: the engine does.

/// An INSERT whose rows came with the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Insert<'a> {
    /// The statement without its FORMAT or VALUES.
    pub(super) statement: &'a str,
    /// The rows' format.
    pub(super) format: &'a str,
    /// Rows that stand in the text of the statement; more may follow in the body.
    pub(super) rows: &'a [u8],
    /// Whether it said FORMAT or VALUES itself; without either, ClickHouse takes VALUES.
    pub(super) is_complete: bool,
}

/// Splits an INSERT with rows; `None` for any other statement, also for INSERT … SELECT.
pub(super) fn split_insert(sql: &[u8]) -> Option<Insert<'_>> {
    let mut tokens = Tokens { sql, at: 0 };
    if !tokens.next()?.is("INSERT") {
        return None;
    }
    let mut depth = 0usize;
    let mut end = sql.len();
    while let Some(token) = tokens.next() {
        match token.text {
            b"(" => depth += 1,
            b")" => depth = depth.saturating_sub(1),
            b";" => {
                end = token.start;
                break;
            }
            _ if depth > 0 => {}
            _ if token.is("SELECT") || token.is("WITH") || token.is("INFILE") => return None,
            _ if token.is("VALUES") => {
                return Some(Insert {
                    statement: text(&sql[..token.start])?,
                    format: "Values",
                    rows: &sql[tokens.at..],
                    is_complete: true,
                });
            }
            _ if token.is("FORMAT") => {
                let Some(format) = tokens.next_word() else {
                    continue;
                };
                // ClickHouse's ParserInsertQuery: the rows begin after blanks and one newline.
                let rest = &sql[tokens.at..];
                let blanks = rest
                    .iter()
                    .take_while(|c| matches!(c, b' ' | b'\t' | b'\x0c'))
                    .count();
                let rest = &rest[blanks..];
                let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
                return Some(Insert {
                    statement: text(&sql[..token.start])?,
                    format,
                    rows: rest.strip_prefix(b"\n").unwrap_or(rest),
                    is_complete: true,
                });
            }
            _ => {}
        }
    }
    Some(Insert {
        statement: text(&sql[..end])?,
        format: "Values",
        rows: &[],
        is_complete: false,
    })
}

/// The format that a query names itself.
pub(super) fn named_format(sql: &[u8]) -> Option<&str> {
    let mut tokens = Tokens { sql, at: 0 };
    let mut depth = 0usize;
    let mut format = None;
    while let Some(token) = tokens.next() {
        match token.text {
            b"(" => depth += 1,
            b")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && token.is("FORMAT") => format = tokens.next_word().or(format),
            _ => {}
        }
    }
    format
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

struct Token<'a> {
    start: usize,
    text: &'a [u8],
}

impl Token<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword.as_bytes())
    }
}

/// Words, quoted things and single signs; blanks and comments are left out.
#[derive(Clone)]
struct Tokens<'a> {
    sql: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The next token when it is a word; else nothing is taken.
    fn next_word(&mut self) -> Option<&'a str> {
        let mut ahead = self.clone();
        let word = ahead.next().filter(|token| is_word(token.text[0]))?;
        *self = ahead;
        text(word.text)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let start = self.at;
            let rest = &self.sql[start..];
            let length = match *rest.first()? {
                b' ' | b'\t' | b'\r' | b'\n' | b'\x0b' | b'\x0c' | 0 => {
                    self.at += 1;
                    continue;
                }
                b'-' if rest.starts_with(b"--") => {
                    self.at += find(rest, b"\n").unwrap_or(rest.len());
                    continue;
                }
                b'#' if rest.starts_with(b"# ") || rest.starts_with(b"#!") => {
                    self.at += find(rest, b"\n").unwrap_or(rest.len());
                    continue;
                }
                b'/' if rest.starts_with(b"/*") => {
                    self.at += find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4);
                    continue;
                }
                quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote),
                c if is_word(c) => rest.iter().take_while(|c| is_word(**c)).count(),
                _ => 1,
            };
            self.at += length;
            return Some(Token {
                start,
                text: &rest[..length],
            });
        }
    }
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80
}

/// The length of a quoted thing at the start of `rest`; a doubled quote comes out as two, which is harmless here.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(c) = rest.get(at) {
        at += match c {
            b'\\' => 2,
            c if *c == quote => return at + 1,
            _ => 1,
        };
    }
    rest.len()
}

/// Where `needle` begins in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{Insert, named_format, split_insert};

    fn parts(sql: &str) -> Option<(&str, &str, &[u8])> {
        split_insert(sql.as_bytes()).map(
            |Insert {
                 statement,
                 format,
                 rows,
                 ..
             }| (statement, format, rows),
        )
    }

    #[test]
    fn an_insert_is_split_at_its_format() {
        assert_eq!(
            parts("INSERT INTO logs FORMAT JSONEachRow {\"a\":1}"),
            Some(("INSERT INTO logs ", "JSONEachRow", &b"{\"a\":1}"[..]))
        );
        assert_eq!(
            parts("-- why\ninsert into `db`.`t` (a, `format x`) /* FORMAT CSV */ format RowBinary\r\n\x01\n"),
            Some((
                "-- why\ninsert into `db`.`t` (a, `format x`) /* FORMAT CSV */ ",
                "RowBinary",
                &b"\x01\n"[..]
            ))
        );
        let settings = "INSERT INTO t SETTINGS async_insert = 0, x = 'FORMAT CSV' ";
        assert_eq!(
            parts(&format!("{settings}FORMAT TSV")),
            Some((settings, "TSV", &b""[..]))
        );
    }

    #[test]
    fn values_and_no_format_are_values() {
        assert_eq!(
            parts("INSERT INTO t (a) VALUES (1), ('it''s; FORMAT x')"),
            Some(("INSERT INTO t (a) ", "Values", &b" (1), ('it''s; FORMAT x')"[..]))
        );
        assert_eq!(
            parts("INSERT INTO t;"),
            Some(("INSERT INTO t", "Values", &b""[..]))
        );
        assert_eq!(
            parts("INSERT INTO {database:Identifier}.{table:Identifier} FORMAT CSV"),
            Some((
                "INSERT INTO {database:Identifier}.{table:Identifier} ",
                "CSV",
                &b""[..]
            ))
        );
    }

    #[test]
    fn what_brings_no_rows_is_left_to_the_engine() {
        for sql in [
            "SELECT 1",
            "INSERT INTO t SELECT 1 FORMAT CSV",
            "INSERT INTO t WITH 1 AS x SELECT x",
            "CREATE TABLE insert (a Int8)",
            "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
            "",
            "'unclosed",
            "/* unclosed",
        ] {
            assert_eq!(parts(sql), None, "{sql}");
        }
    }

    #[test]
    fn a_query_names_its_format() {
        assert_eq!(named_format(b"SELECT 'FORMAT CSV' FORMAT JSON"), Some("JSON"));
        assert_eq!(named_format(b"SELECT format('{}', 1)"), None);
        assert_eq!(named_format(b"SELECT (SELECT 1 FORMAT CSV)"), None);
    }
}
