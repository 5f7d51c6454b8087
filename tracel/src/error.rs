//! The one public error type: what went wrong, where, and the way out. Who makes an error says all three.

use std::{error, fmt};

/// What `tracel` refuses, and how to mend it. Its `Display` is one line for the person who starts the service; so is its
/// `Debug`, which is what a `main` that returns it prints.
#[non_exhaustive]
pub struct Error {
    /// What went wrong.
    pub what: String,
    /// Where: a variable, a sink's address, a file; empty when `what` says it.
    pub place: String,
    /// The way out; empty when there is none but to try again.
    pub help: String,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error that says what went wrong.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Error {
            what: what.into(),
            place: String::new(),
            help: String::new(),
            source: None,
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        Error {
            place: place.into(),
            ..self
        }
    }

    /// Says the way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Error {
            help: help.into(),
            ..self
        }
    }

    /// Says what lies beneath it.
    #[must_use]
    pub fn because(self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Error {
            source: Some(source.into()),
            ..self
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.what)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// `source` is part of the text already, so it is not given a second time to those who print chains.
impl error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_what_why_and_the_way_out() {
        let error = Error::new("cannot be read")
            .at("TRACEL_SINK")
            .because(std::io::Error::other("no such thing"))
            .help("name a sink");
        assert_eq!(
            error.to_string(),
            "TRACEL_SINK: cannot be read: no such thing; name a sink"
        );
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(Error::new("plain").to_string(), "plain");
    }
}
