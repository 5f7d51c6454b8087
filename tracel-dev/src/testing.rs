//! A ClickHouse for tests of any crate of the workspace: the server that `TRACEL_CLICKHOUSE` names, else the embedded one.

use crate::{Error, Options, Server};
use std::{
    env,
    io::Write,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tempfile::TempDir;

/// The environment variable that names a server for tests, as in `http://127.0.0.1:8123`.
pub const ENV: &str = "TRACEL_CLICKHOUSE";

/// A ClickHouse that the tests of this process share. The embedded one, and its data, end with the last handle.
#[derive(Clone)]
pub struct ClickHouse {
    url: String,
    embedded: Option<Arc<Embedded>>,
}

struct Embedded {
    // Dropped in this order: the engine ends before its folder goes.
    server: Server,
    _data: TempDir,
}

static SHARED: Mutex<Weak<Embedded>> = Mutex::new(Weak::new());

impl ClickHouse {
    /// Its URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Drops the database of this name, if it is there. Returns its address, as in `clickhouse://127.0.0.1:8123/audited`, for
    /// who makes it anew.
    ///
    /// # Panics
    /// When the server does not answer, or refuses.
    #[must_use]
    pub fn without(&self, database: &str) -> String {
        // No proxy stands before a server that is for tests.
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        agent
            .post(&self.url)
            .send(format!("DROP DATABASE IF EXISTS {database}"))
            .unwrap_or_else(|error| panic!("{}: {database} cannot be dropped: {error}", self.url));
        format!("{}/{database}", self.url.replacen("http://", "clickhouse://", 1))
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        // Who asks for one meanwhile waits until this one has ended: a process has one at a time.
        let _shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        self.embedded = None;
    }
}

/// A ClickHouse to test with. `None` when there is none and that may be: neither `CI` nor
/// `TRACEL_REQUIRE_SERVERS` is set. It then says so on stderr, and the test ends.
///
/// # Panics
/// When there is none though there must be, or when the embedded one does not start.
#[must_use]
pub fn clickhouse() -> Option<ClickHouse> {
    if let Some(url) = env::var(ENV).ok().filter(|url| !url.is_empty()) {
        return Some(ClickHouse {
            url: url.trim_end_matches('/').to_string(),
            embedded: None,
        });
    }
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let embedded = match shared.upgrade() {
        Some(embedded) => embedded,
        None => {
            let data = TempDir::new().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
            match Server::start(Options::new(data.path())) {
                Ok(server) => Arc::new(Embedded { server, _data: data }),
                Err(Error::Missing(missing)) => {
                    skip(&missing.to_string());
                    return None;
                }
                Err(error) => panic!("{error}"),
            }
        }
    };
    *shared = Arc::downgrade(&embedded);
    Some(ClickHouse {
        url: embedded.server.url(),
        embedded: Some(embedded),
    })
}

/// Says that a test is left out because of `reason`.
///
/// # Panics
/// When `CI` or `TRACEL_REQUIRE_SERVERS` is set: nothing may be left out then.
pub fn skip(reason: &str) {
    let required = ["CI", "TRACEL_REQUIRE_SERVERS"]
        .into_iter()
        .find(|name| env::var_os(name).is_some_and(|v| !v.is_empty()));
    if let Some(name) = required {
        panic!("a server is missing, and {name} is set: {reason}");
    }
    let _ = writeln!(
        std::io::stderr(),
        "\nTEST LEFT OUT, because a server is missing: {reason}\n"
    );
}
