//! ClickHouse as a process over a folder that outlives it, and what is asked of it.

use crate::process::{Process, until};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};
use tracel_cli::clickhouse::ClickHouse;

/// ClickHouse; always at the same address.
pub(crate) struct Store {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    process: Option<Process>,
    client: ClickHouse,
}

impl Store {
    /// Starts it over `folder`.
    pub(crate) fn start(program: &Path, folder: &Path) -> Result<Store, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.map_err(|error| format!("no free port: {error}"))?.port();
        let mut store = Store {
            program: program.to_owned(),
            folder: folder.to_owned(),
            port,
            process: None,
            client: ClickHouse::new(&format!("http://127.0.0.1:{port}"))?,
        };
        store.up()?;
        Ok(store)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it again where it left off, and waits until it answers.
    pub(crate) fn up(&mut self) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        command
            .arg(self.folder.join("clickhouse"))
            .arg(self.port.to_string());
        let mut process = Process::start("clickhouse", &mut command, &self.folder)?;
        until("ClickHouse answers", || match process.ended()? {
            Some(status) => Err(process.fault(&format!("ended, {status}"))),
            None => Ok(self.client.query("SELECT 1", &[]).is_ok()),
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// SIGKILL.
    pub(crate) fn down(&mut self) -> Result<(), String> {
        self.process.take().map_or(Ok(()), Process::kill)
    }

    /// Runs a statement; `fields` go with it as `param_*`.
    pub(crate) fn ask(&self, sql: &str, fields: &[(&str, &str)]) -> Result<String, String> {
        let fields: Vec<(String, &str)> = fields
            .iter()
            .map(|(name, value)| (format!("param_{name}"), *value))
            .collect();
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let answer = self.client.query(sql, &fields);
        answer.map_err(|error| format!("{sql}: {error}"))
    }

    /// A statement whose answer is one number.
    pub(crate) fn count(&self, sql: &str, fields: &[(&str, &str)]) -> Result<u64, String> {
        let text = self.ask(sql, fields)?;
        let number = text.trim().parse();
        number.map_err(|_| format!("{sql}: {text:?} is no number"))
    }
}
