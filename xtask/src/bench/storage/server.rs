//! Asking a ClickHouse, and what an answer cost: its time, and the rows that were read for it. What is asked is not here.

use std::time::{Duration, Instant};

/// A ClickHouse over HTTP, and the database that is measured in.
pub(super) struct Server {
    agent: ureq::Agent,
    url: String,
}

/// An answer.
pub(super) struct Answer {
    pub(super) text: String,
    /// From the request to the answer's last byte.
    pub(super) time: Duration,
    /// What the server says it read.
    pub(super) rows: u64,
}

/// Where all of it lives; dropped at the end.
pub(super) const DATABASE: &str = "tracel_bench";

impl Server {
    pub(super) fn new(url: &str) -> Server {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Server {
            agent: agent.into(),
            url: url
                .replacen("clickhouse://", "http://", 1)
                .trim_end_matches('/')
                .to_owned(),
        }
    }

    /// Asks in the database that is measured in.
    pub(super) fn ask(&self, sql: &str, settings: &[(&str, &str)]) -> Result<Answer, String> {
        self.send(DATABASE, settings, sql.as_bytes())
    }

    /// Asks in any database; `body` is the statement, with the data behind it.
    pub(super) fn send(
        &self,
        database: &str,
        settings: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let start = Instant::now();
        let request = self.agent.post(&self.url).query("database", database);
        let response = request
            .query_pairs(settings.iter().copied())
            .send(body)
            .map_err(|error| format!("ClickHouse at {}: {error}", self.url))?;
        let status = response.status();
        let summary = response.headers().get("x-clickhouse-summary").cloned();
        let text = response
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .read_to_string()
            .map_err(|error| format!("ClickHouse's answer broke off: {error}"))?;
        let time = start.elapsed();
        if !status.is_success() {
            let start: String = String::from_utf8_lossy(body).chars().take(300).collect();
            return Err(format!("{text}in {start}"));
        }
        let rows = summary
            .as_ref()
            .and_then(|summary| {
                summary
                    .to_str()
                    .ok()?
                    .split("\"read_rows\":\"")
                    .nth(1)?
                    .split('"')
                    .next()?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        Ok(Answer { text, time, rows })
    }

    /// One number.
    pub(super) fn number(&self, sql: &str) -> Result<f64, String> {
        let answer = self.ask(sql, &[])?;
        let text = answer.text.trim();
        text.parse()
            .map_err(|_| format!("{text:?} is no number, in answer to {sql}"))
    }
}
