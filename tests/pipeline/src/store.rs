//! Rows into ClickHouse as Vector's clickhouse sink puts them there: gzipped JSONEachRow, a batch a request, with the
//! settings of `deploy/vector/vector.yaml`; and which answers it tries again.

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::{io::Write, time::Duration};

/// A database, by ClickHouse's HTTP interface.
#[derive(Clone, Debug)]
pub struct Store {
    agent: ureq::Agent,
    server: String,
    database: String,
}

/// Why a batch is not in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Vector tries again, for ever, and nothing behind it goes on.
    Stalled(String),
    /// Vector gives the batch up.
    Refused(String),
}

impl Store {
    /// The server's URL, as in `http://127.0.0.1:8123`, and a database.
    pub fn new(server: &str, database: &str) -> Store {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .build();
        Store {
            agent: agent.into(),
            server: server.trim_end_matches('/').to_owned(),
            database: database.to_owned(),
        }
    }

    /// Inserts rows.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn insert(&self, table: &str, rows: &[Value]) -> Result<(), Fault> {
        let mut body = GzEncoder::new(Vec::new(), Compression::fast());
        for row in rows {
            // Writing into memory cannot fail.
            let _ = writeln!(body, "{row}");
        }
        let body = body.finish().unwrap_or_default();
        let address = format!(
            "{}/?input_format_import_nested_json=1&input_format_skip_unknown_fields=1&date_time_input_format=best_effort\
             &query=INSERT+INTO+%7Bdatabase%3AIdentifier%7D.%7Btable%3AIdentifier%7D+FORMAT+JSONEachRow\
             &param_database={}&param_table={table}",
            self.server, self.database
        );
        let answer = self
            .agent
            .post(address)
            .header("content-type", "application/x-ndjson")
            .header("content-encoding", "gzip")
            .send(&body[..]);
        let mut answer = answer.map_err(|error| Fault::Stalled(format!("{}: {error}", self.server)))?;
        let status = answer.status().as_u16();
        if status < 300 {
            return Ok(());
        }
        let mut text = answer.body_mut().read_to_string().unwrap_or_default();
        text.truncate(text.floor_char_boundary(2000));
        let text = format!("HTTP {status}: {}", text.trim());
        let given_up = text.contains("Code: 117") || text.contains("Code: 53.");
        Err(match status {
            408 | 429 => Fault::Stalled(text),
            500.. if !given_up => Fault::Stalled(text),
            _ => Fault::Refused(text),
        })
    }
}
