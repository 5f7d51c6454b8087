//! A sink's address, as it stands in code or in `TRACEL_SINK`: parsed and checked before anything is opened.

use super::{Sink, file, null::Null, pretty, stdout::Stdout, url::Url};
use crate::Error;
use std::{fmt, path::Path, str::FromStr};

/// A sink's address.
///
/// | address | where records go |
/// | --- | --- |
/// | `stdout:` | to stdout, as JSON |
/// | `pretty:` | to stdout, for people |
/// | `null:` | nowhere: they are counted |
/// | `file:///path.ndjson` | to a file, see [`file::Options`] |
/// | `clickhouse://user:password@host:8123/database/table` | into a table; feature `clickhouse` |
/// | `http://host:port/path`, `https://…` | by POST, as NDJSON; feature `http` |
/// | `kafka://broker1,broker2/topic` | to Kafka, many records a message; feature `kafka` |
///
/// Each takes parameters, `?name=value&…`, which are the fields of its `Options`. A login may stand before the host; it is
/// never shown.
#[derive(Clone, Debug)]
pub struct Address {
    /// Without credentials.
    shown: String,
    target: Target,
}

#[derive(Clone, Debug)]
enum Target {
    Stdout,
    Pretty(pretty::Options),
    Null,
    File(file::Options),
    #[cfg(feature = "clickhouse")]
    ClickHouse(super::clickhouse::Options),
    #[cfg(feature = "http")]
    Http(super::http::Options),
    #[cfg(feature = "kafka")]
    Kafka(super::kafka::Options),
}

impl Address {
    /// Several addresses, with white space between them.
    ///
    /// # Errors
    /// When one is wrong, or there is none.
    pub fn list(text: &str) -> Result<Vec<Address>, Error> {
        let all: Vec<Address> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if all.is_empty() {
            return Err(Error::new("no sink is named").help(SCHEMES));
        }
        Ok(all)
    }

    /// Whether records leave the machine, so that they must be kept while the other side is away.
    #[must_use]
    pub fn is_network(&self) -> bool {
        match self.target {
            Target::Stdout | Target::Pretty(_) | Target::Null | Target::File(_) => false,
            #[cfg(feature = "clickhouse")]
            Target::ClickHouse(_) => true,
            #[cfg(feature = "http")]
            Target::Http(_) => true,
            #[cfg(feature = "kafka")]
            Target::Kafka(_) => true,
        }
    }

    /// The file that it writes, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.target {
            Target::File(options) => Some(&options.path),
            _ => None,
        }
    }

    /// Whether people read it: what is for machines, like the census, is not shown there.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        matches!(self.target, Target::Pretty(_))
    }

    /// Makes the sink.
    ///
    /// # Errors
    /// When it can be told now that it will not work, like a file that cannot be created. A server may be away.
    pub fn open(&self) -> Result<Box<dyn Sink>, Error> {
        #[cfg(any(feature = "http", feature = "kafka"))]
        let place = |error: Error| match error.place.is_empty() {
            true => error.at(&self.shown),
            false => error,
        };
        Ok(match &self.target {
            Target::Stdout => Box::new(Stdout::new()),
            Target::Pretty(options) => Box::new(pretty::Pretty::new(options)),
            Target::Null => Box::new(Null::default()),
            Target::File(options) => Box::new(file::File::open(options.clone())?),
            #[cfg(feature = "clickhouse")]
            Target::ClickHouse(options) => Box::new(super::clickhouse::ClickHouse::new(options.clone())),
            #[cfg(feature = "http")]
            Target::Http(options) => Box::new(super::http::Http::open(options.clone()).map_err(place)?),
            #[cfg(feature = "kafka")]
            Target::Kafka(options) => Box::new(super::kafka::Kafka::open(options.clone()).map_err(place)?),
        })
    }

    /// Makes the sink; what a server refuses for good is kept in `folder`, in `refused.ndjson`.
    ///
    /// # Errors
    /// As those of [`open`](Address::open).
    pub fn open_in(&self, folder: &Path) -> Result<Box<dyn Sink>, Error> {
        let sink = self.open()?;
        #[cfg(any(feature = "clickhouse", feature = "http", feature = "kafka"))]
        if self.is_network() {
            return Ok(Box::new(super::refused::SetAside::new(sink, folder)));
        }
        _ = folder;
        Ok(sink)
    }
}

/// Those that are a feature each.
const OPTIONAL: &[&str] = &["clickhouse", "http", "https", "kafka"];
const SCHEMES: &str = "choose stdout:, pretty:, null:, file:///path.ndjson, clickhouse://host:port/database/table, \
     http://host:port/path or kafka://brokers/topic";

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if !text.contains(':') && text.contains(['/', '.']) {
            let error = Error::new("a sink's address begins with its kind").at(redact(text));
            return Err(error.help("a file is written file:///path.ndjson"));
        }
        let url = Url::parse(text).map_err(|error| error.at(redact(text)))?;
        Target::parse(url)
            .map(|target| Address {
                shown: redact(text),
                target,
            })
            .map_err(|error| error.at(redact(text)))
    }
}

impl Target {
    fn parse(url: Url) -> Result<Target, Error> {
        let plain = |url: Url, target: Target| {
            if !(url.host.is_empty() && url.path.is_empty()) {
                let scheme = &url.scheme;
                return Err(
                    Error::new(format!("`{scheme}:` takes no path")).help(format!("write `{scheme}:`"))
                );
            }
            url.finish(&[]).map(|()| target)
        };
        match url.scheme.as_str() {
            "stdout" => plain(url, Target::Stdout),
            "null" => plain(url, Target::Null),
            "pretty" => pretty::Options::parse(url).map(Target::Pretty),
            "file" => file::Options::parse(url).map(Target::File),
            #[cfg(feature = "clickhouse")]
            "clickhouse" => super::clickhouse::Options::parse(url).map(Target::ClickHouse),
            #[cfg(feature = "http")]
            "http" | "https" => super::http::Options::parse(url).map(Target::Http),
            #[cfg(feature = "kafka")]
            "kafka" => super::kafka::Options::parse(url).map(Target::Kafka),
            other if OPTIONAL.contains(&other) => Err(absent(other)),
            other => Err(Error::new(format!("`{other}:` is no sink")).help(SCHEMES)),
        }
    }
}

/// A sink whose feature is off.
fn absent(scheme: &str) -> Error {
    let feature = scheme.trim_end_matches('s');
    Error::new(format!("this build has no `{scheme}:` sink")).help(format!(
        "turn on the feature `{feature}` of `tracel` in Cargo.toml"
    ))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The address without user and password, and without its parameters, which may hold secrets as well. It is shown for
/// addresses that cannot be parsed, too, so it rather hides too much.
fn redact(text: &str) -> String {
    let (scheme, rest) = text
        .split_once("//")
        .map_or(("", text), |(scheme, rest)| (scheme, rest));
    let first = rest.find('/').unwrap_or(rest.len());
    let login = rest[..first]
        .rfind('@')
        .or_else(|| rest.rfind('@').filter(|_| first > 0))
        .map_or(0, |at| at + 1);
    let shown = rest[login..].split('?').next().unwrap_or_default();
    let slashes = if scheme.is_empty() { "" } else { "//" };
    format!("{scheme}{slashes}{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Address>().unwrap_err().to_string()
    }

    #[test]
    fn addresses_of_sinks() {
        for good in [
            "stdout:",
            "stdout",
            "pretty:",
            "pretty:?color=never",
            "null:",
            "file:///var/log/x.ndjson",
            "file:/var/log/x.ndjson",
            "file:x.ndjson",
            "file://localhost/x.ndjson?rotate=100MiB&every=1d&keep=7",
        ] {
            let address: Address = good.parse().unwrap();
            assert!(!address.is_network(), "{good}");
            assert_eq!(address.is_for_people(), good.starts_with("pretty"));
        }
        assert_eq!(Address::list(" stdout:\n null: ").unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_names_the_way_out() {
        for (bad, way) in [
            ("", "choose stdout:"),
            ("stdot:", "choose stdout:"),
            ("/var/log/Pay.ndjson", "file:///"),
            (
                "kafka://b/t?kee=event_id",
                if cfg!(feature = "kafka") {
                    "it takes key"
                } else {
                    "feature `kafka`"
                },
            ),
            (
                "https://h/?compres=no",
                if cfg!(feature = "http") {
                    "it takes compression"
                } else {
                    "feature `http`"
                },
            ),
            ("stdout:///x", "write `stdout:`"),
            ("null:?a=b", "it takes none"),
            ("pretty:?colour=always", "color"),
            ("pretty:?color=blue", "always"),
            ("file:", "file:///"),
            ("file://logs/x.ndjson", "three slashes"),
            ("file:///x?rotate=big", "100MiB"),
            ("file:///x?every=day", "7d"),
            ("file:///x?keep=many", "number"),
            ("file:///x?compress=zstd", "without"),
            ("file:///x?rotat=1MiB", "rotate"),
            ("file:///dir/", "name of a file"),
        ] {
            let error = refused(bad);
            assert!(error.contains(way), "{bad}: {error}");
        }
        assert!(Address::list("  ").is_err());
    }

    #[cfg(not(feature = "clickhouse"))]
    #[test]
    fn a_sink_that_is_not_built_in_names_its_feature() {
        assert!(refused("clickhouse://h").contains("feature `clickhouse`"));
    }

    #[test]
    fn credentials_are_not_shown() {
        let error = refused("kafka://me:secret@broker:9092/topic?password=hidden");
        assert!(error.contains("kafka://broker:9092/topic"), "{error}");
        assert!(!error.contains("secret") && !error.contains("hidden"), "{error}");
        // Nor when the address cannot even be taken apart.
        let error = refused("clickhouse://me:secr%et@host/");
        assert!(!error.contains("secr"), "{error}");
        for odd in [
            "x://me:se?cret@h/db",
            "x://me:se/cret@h",
            "x://cret@h/p?q=a@b",
            "file:x?cret",
        ] {
            assert!(!redact(odd).contains("cret"), "{odd}");
        }
        assert_eq!(redact("file:///a@b/x?keep=1"), "file:///a@b/x");
    }
}
