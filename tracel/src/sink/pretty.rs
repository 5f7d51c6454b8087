//! `pretty:` shows records to people, one line each, on the standard output. How a line looks is in `line`.

mod line;

use super::{Batch, SendError, Sent, Sink, stdout::Output, url::Url};
use crate::{
    Error,
    stdio::{self, Unlocked},
};
use line::Painter;
use std::{
    env,
    io::{self, IsTerminal, Write},
};

/// How it looks.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Coloured or not (`color=always`, `color=never`); when it is not said, if the output is a terminal and `NO_COLOR`
    /// (<https://no-color.org>) is not set.
    pub color: Option<bool>,
}

impl Options {
    pub(super) fn parse(mut url: Url) -> Result<Self, Error> {
        if !(url.host.is_empty() && url.path.is_empty()) {
            return Err(Error::new("`pretty:` takes no path").help("write `pretty:`"));
        }
        let color = match url.take("color").as_deref() {
            None | Some("auto") => None,
            Some("always") => Some(true),
            Some("never") => Some(false),
            Some(other) => {
                return Err(
                    Error::new(format!("`color={other}` is not known")).help("write auto, always or never")
                );
            }
        };
        url.finish(&["color"])?;
        Ok(Options { color })
    }
}

/// Lines for people; by its address on the process's standard output.
#[derive(Debug)]
pub struct Pretty<W = stdio::Stdout> {
    out: Output<W>,
    painter: Painter,
    /// The batch whose text is in `text`: sent again, it must be the same bytes.
    batch: u64,
    text: Vec<u8>,
}

impl Pretty {
    /// To the standard output.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let wanted = || {
            let said = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal()
                && !said("NO_COLOR")
                && env::var_os("TERM").is_none_or(|term| term != "dumb")
        };
        Pretty::to(Unlocked(io::stdout()), options.color.unwrap_or_else(wanted))
    }
}

impl<W: Write> Pretty<W> {
    /// To any output.
    pub fn to(out: W, color: bool) -> Self {
        Pretty {
            out: Output::new(out),
            painter: Painter::new(color),
            batch: 0,
            text: Vec::new(),
        }
    }
}

impl<W: Write + Send> Sink for Pretty<W> {
    fn name(&self) -> String {
        "pretty:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        if self.batch != batch.id {
            self.batch = batch.id;
            self.text.clear();
            for line in batch.bytes.split_inclusive(|&byte| byte == b'\n') {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                if self.painter.paint(line, &mut self.text) {
                    self.text.push(b'\n');
                }
            }
        }
        self.out.write(batch.id, &self.text)
    }
}

/// One record as it is shown without colours.
pub(crate) fn shown(record: &serde_json::Map<String, serde_json::Value>) -> String {
    Painter::new(false).shown(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_record() {
        let mut out = Vec::new();
        let mut sink = Pretty::to(&mut out, false);
        let lines = b"{\"message\":\"a\\nb\"}\nnot json\n{\"event_name\":\"tracel_census\"}\n\n";
        sink.send(&Batch::new(1, lines)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains("census"), "it is nothing for people: {text}");
        assert!(text.contains("a\\nb") && text.contains("\nnot json\n"), "{text}");
    }
}
