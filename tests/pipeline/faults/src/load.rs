//! The load: the demo's four services and its customers, as a process of their own.

use crate::{
    pipeline::Pipeline,
    process::{Process, say},
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// A demo that runs.
pub(crate) struct Load {
    process: Process,
    account: PathBuf,
    start: Instant,
    takes: Duration,
}

/// What the demo tells at its end.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) services: Vec<Service>,
    pub(crate) requests: Vec<Request>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) service: String,
    pub(crate) written: u64,
    pub(crate) dropped: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) event_id: Uuid,
    pub(crate) status: Option<u16>,
}

impl Load {
    /// Starts it.
    pub(crate) fn start(demo: &Path, requests: u32, rate: u32, pipeline: &Pipeline) -> Result<Load, String> {
        let account = pipeline.folder.join("account.json");
        let mut command = Command::new(demo);
        command
            .args(["--requests", &requests.to_string(), "--rate", &rate.to_string()])
            .args([
                "--kafka",
                pipeline.kafka.brokers(),
                "--sink",
                &pipeline.kafka.sink(),
            ])
            .arg("--account")
            .arg(&account)
            .env("XDG_STATE_HOME", pipeline.folder.join("state"));
        let process = Process::start("demo", &mut command, &pipeline.folder)?;
        Ok(Load {
            process,
            account,
            start: Instant::now(),
            takes: Duration::from_secs(1) * requests / rate,
        })
    }

    /// Fails when it does not run any more.
    pub(crate) fn runs(&mut self) -> Result<(), String> {
        match self.process.ended()? {
            None => Ok(()),
            Some(status) if status.success() => Err(format!(
                "the load had ended after {:?}, before all was done: ask for more --requests, or a lower --rate",
                self.start.elapsed()
            )),
            Some(status) => Err(self.process.fault(&format!("ended, {status}"))),
        }
    }

    /// How long requests will still be sent.
    pub(crate) fn left(&self) -> Duration {
        self.takes.saturating_sub(self.start.elapsed())
    }

    /// Waits until it ends, and gives its account.
    pub(crate) fn end(mut self) -> Result<Account, String> {
        std::thread::sleep(self.left());
        let status = self.process.wait()?;
        if !status.success() {
            return Err(self.process.fault(&format!("ended, {status}")));
        }
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", self.account.display());
        let text = fs::read_to_string(&self.account).map_err(|error| fault(&error))?;
        let account: Account = serde_json::from_str(&text).map_err(|error| fault(&error))?;
        let mut answers = BTreeMap::<String, usize>::new();
        for request in &account.requests {
            let status = request
                .status
                .map_or("none".to_owned(), |status| status.to_string());
            *answers.entry(status).or_default() += 1;
        }
        say(&format!(
            "  the load has ended: {} requests in {:?}, answered {answers:?}; {}",
            account.requests.len(),
            self.start.elapsed(),
            account
                .services
                .iter()
                .map(|service| format!("{} logged {}", service.service, service.written))
                .collect::<Vec<_>>()
                .join(", ")
        ));
        Ok(account)
    }
}
