//! A ClickHouse server as the command sees it: an address, and statements over HTTP. What is asked, its callers know.

use std::{fmt, io::Read, time::Duration};

/// A table in a ClickHouse server: `clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE[/TABLE]]`, or the same with `http://`.
#[derive(Clone)]
pub struct ClickHouse {
    agent: ureq::Agent,
    base: String,
    user: Option<(String, String)>,
    database: String,
    table: String,
}

/// Why a statement failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No answer: the server, and what happened.
    Unreachable(String, String),
    /// The server's exception: its code (0 when it names none) and its text.
    Exception(u32, String),
    /// The answer broke off.
    Broken(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unreachable(server, what) => {
                write!(
                    f,
                    "ClickHouse at {server} does not answer: {what}; is it running? `tracel dev` starts one here"
                )
            }
            Error::Exception(_, text) => write!(f, "ClickHouse refused: {}", text.trim_end()),
            Error::Broken(what) => write!(f, "ClickHouse's answer broke off: {what}"),
        }
    }
}

impl std::error::Error for Error {}

/// ClickHouse's code for a table that is not there.
pub(crate) const UNKNOWN_TABLE: u32 = 60;
/// ClickHouse's code for a database that is not there.
pub(crate) const UNKNOWN_DATABASE: u32 = 81;

impl ClickHouse {
    /// Whether `address` looks like one of a server, and not like a path.
    #[must_use]
    pub fn is_address(address: &str) -> bool {
        address.contains("://")
    }

    /// The server and table that `address` names; the port is 8123, the database `default` and the table `logs` unless
    /// it says otherwise.
    ///
    /// # Errors
    /// When it is no such address, with what it should be.
    pub fn new(address: &str) -> Result<ClickHouse, String> {
        let shape = "it should be clickhouse://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE[/TABLE]]";
        let (scheme, rest) = address.split_once("://").ok_or(shape)?;
        if scheme != "clickhouse" && scheme != "http" {
            return Err(format!(
                "the scheme `{scheme}` is not known here: {shape}, or the same with http://"
            ));
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if host.is_empty() {
            return Err(format!("it names no host: {shape}"));
        }
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()));
        let mut words = path.splitn(2, '/').filter(|word| !word.is_empty()).map(decode);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A proxy of the machine's is for the way out, not for the log's.
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .build();
        Ok(ClickHouse {
            agent: agent.into(),
            base: format!("http://{host}{}", if has_port { "" } else { ":8123" }),
            user: user.map(|user| {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                (decode(name), decode(password))
            }),
            database: words.next().unwrap_or_else(|| "default".into()),
            table: words
                .next()
                .map_or_else(|| "logs".into(), |table| table.trim_end_matches('/').to_string()),
        })
    }

    /// The server, without credentials.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.base
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> ClickHouse {
        ClickHouse {
            database: database.to_string(),
            ..self.clone()
        }
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Runs `sql`, and gives the whole answer as text. `fields` go into the address: `param_*` and settings.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn query(&self, sql: &str, fields: &[(&str, &str)]) -> Result<String, Error> {
        let mut text = String::new();
        self.read(sql, fields)?
            .read_to_string(&mut text)
            .map_err(|error| Error::Broken(error.to_string()))?;
        Ok(text)
    }

    /// Runs `sql`, and gives the answer as it arrives.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(&self, sql: &str, fields: &[(&str, &str)]) -> Result<impl Read + use<>, Error> {
        let mut address = form_urlencoded::Serializer::new(format!("{}/?", self.base));
        address
            .append_pair("database", &self.database)
            .extend_pairs(fields);
        let mut request = self.agent.post(address.finish().replacen("?&", "?", 1));
        if let Some((user, password)) = &self.user {
            request = request
                .header("X-ClickHouse-User", user)
                .header("X-ClickHouse-Key", password);
        }
        let response = request
            .send(sql)
            .map_err(|error| Error::Unreachable(self.base.clone(), error.to_string()))?;
        let status = response.status();
        let code = response.headers().get("x-clickhouse-exception-code");
        let code = code.and_then(|code| code.to_str().ok()?.parse().ok());
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        if status.is_success() && code.is_none() {
            return Ok(reader);
        }
        let mut text = String::new();
        // What cannot be read of an error's text, nobody misses.
        let _ = reader.take(1 << 16).read_to_string(&mut text);
        if text.trim().is_empty() {
            text = format!("HTTP status {status}");
        }
        Err(Error::Exception(code.unwrap_or(0), text))
    }
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    // A plus stands for itself in these places of an address.
    let text = text.replace('+', "%2B");
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::ClickHouse;

    #[test]
    fn addresses_are_read() {
        let all = ClickHouse::new("clickhouse://me:p%40ss+w@[::1]:9000/my%20db/rows").expect("an address");
        assert_eq!(
            (all.server(), all.database(), all.table()),
            ("http://[::1]:9000", "my db", "rows")
        );
        assert_eq!(all.user, Some(("me".into(), "p@ss+w".into())));
        let short = ClickHouse::new("http://db.example").expect("an address");
        assert_eq!(
            (short.server(), short.database(), short.table()),
            ("http://db.example:8123", "default", "logs")
        );
        for wrong in ["kafka://x/y", "clickhouse://", "clickhouse:///db", "x"] {
            assert!(
                ClickHouse::new(wrong).is_err_and(|text| text.contains("HOST")),
                "{wrong}"
            );
        }
    }
}
