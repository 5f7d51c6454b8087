//! `clickhouse://` inserts batches into a table, over ClickHouse's HTTP interface and without TLS. What its errors mean
//! is in `verdict`.

#[cfg(test)]
mod tests;
mod verdict;

use super::{Batch, Batching, SendError, Sent, Sink, retry_after::retry_after, url::Url};
use crate::{Error, units};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::{fmt, hash::Hasher, io::Read, time::Duration};
use verdict::verdict;

/// Where to insert, and how.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Host and port; the port is 8123 when it is not said.
    pub host: String,
    /// `default` when it is not said.
    pub database: String,
    /// `logs` when it is not said.
    pub table: String,
    /// Who inserts; ClickHouse's `default` when it is not said.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// How long one insert may take (`timeout=30s`).
    pub timeout: Duration,
    /// How long records wait for others, so that inserts are few (`linger=500ms`).
    pub linger: Duration,
    /// Bytes from which on a batch is full (`batch=1MiB`).
    pub batch: usize,
}

impl Options {
    pub(super) fn parse(mut url: Url) -> Result<Self, Error> {
        let form = "write clickhouse://user:password@host:8123/database/table";
        if url.host.is_empty() {
            return Err(Error::new("`clickhouse:` needs a host").help(form));
        }
        // An IPv6 address stands in brackets.
        let port = url
            .host
            .rfind(']')
            .map_or(url.host.as_str(), |at| &url.host[at..])
            .rsplit_once(':');
        let host = match port {
            None => format!("{}:8123", url.host),
            Some((_, port)) if port.parse::<u16>().is_ok() => url.host.clone(),
            Some((_, port)) => return Err(Error::new(format!("`{port}` is no port")).help(form)),
        };
        let names: Vec<&str> = url.path.split('/').filter(|name| !name.is_empty()).collect();
        let (database, table) = match names[..] {
            [] => ("default", "logs"),
            [database] => (database, "logs"),
            [database, table] => (database, table),
            _ => {
                return Err(
                    Error::new(format!("`{}` is more than a database and a table", url.path)).help(form),
                );
            }
        };
        let mut options = Options {
            host,
            database: database.to_owned(),
            table: table.to_owned(),
            user: url.user.take(),
            password: url.password.take(),
            timeout: Duration::from_secs(30),
            linger: Duration::from_millis(500),
            batch: 1 << 20,
        };
        if let Some(text) = url.take("timeout") {
            options.timeout = units::duration(&text)?;
        }
        if let Some(text) = url.take("linger") {
            options.linger = units::duration(&text)?;
        }
        if let Some(text) = url.take("batch") {
            options.batch = units::size(&text)? as usize;
        }
        url.finish(&["timeout", "linger", "batch"])?;
        Ok(options)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options {
            host,
            database,
            table,
            ..
        } = self;
        write!(f, "Options(clickhouse://{host}/{database}/{table})")
    }
}

/// Inserts into a table.
#[derive(Debug)]
pub struct ClickHouse {
    options: Options,
    agent: ureq::Agent,
    query: String,
}

impl ClickHouse {
    /// The server is asked for nothing before the first batch.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy of the machine's is for the way out, not for the log's.
            .proxy(None)
            .build();
        let query = format!(
            "INSERT INTO {}.{} FORMAT JSONEachRow",
            quoted(&options.database),
            quoted(&options.table)
        );
        ClickHouse {
            options,
            agent: ureq::Agent::new_with_config(config),
            query,
        }
    }

    fn insert(&self, batch: &Batch<'_>) -> Result<(), SendError> {
        let mut request = self
            .agent
            .post(format!("http://{}/", self.options.host))
            .query("query", &self.query)
            .query("date_time_input_format", "best_effort")
            // A text in `metadata` that looks like a time stays as it was written.
            .query("input_format_try_infer_dates", "0")
            .query("input_format_try_infer_datetimes", "0")
            .query("insert_deduplication_token", token(batch.bytes))
            // Asynchronous inserts, the server's default since 26.2, are acknowledged when they are stored.
            .query("wait_for_async_insert", "1");
        if let Some(user) = &self.options.user {
            request = request.header("X-ClickHouse-User", user);
        }
        if let Some(password) = &self.options.password {
            request = request.header("X-ClickHouse-Key", password);
        }
        let mut response = request.send(batch.bytes).map_err(SendError::retry)?;
        let header = |name| response.headers().get(name)?.to_str().ok();
        let code = header("X-ClickHouse-Exception-Code").and_then(|code| code.parse().ok());
        let after = retry_after(response.headers());
        let status = response.status().as_u16();
        if status == 200 && code.is_none() {
            return Ok(());
        }
        let mut text = Vec::new();
        // An error that cannot be read is an error all the same.
        _ = response.body_mut().as_reader().take(4096).read_to_end(&mut text);
        Err(verdict(status, code, &String::from_utf8_lossy(&text), after))
    }
}

impl Sink for ClickHouse {
    fn name(&self) -> String {
        let Options {
            host,
            database,
            table,
            ..
        } = &self.options;
        format!("clickhouse://{host}/{database}/{table}")
    }

    fn batching(&self) -> Batching {
        Batching {
            bytes: self.options.batch,
            linger: self.options.linger,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        self.insert(batch).map(|()| Sent::Acknowledged)
    }
}

/// The same for the same bytes, in another process, too: a batch that arrived but was not acknowledged is stored once.
fn token(bytes: &[u8]) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    format!("{:032x}", hasher.finish128().as_u128())
}

/// An identifier in ClickHouse's SQL.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}
