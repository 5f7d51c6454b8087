//! The three services, each a process of its own: how one starts, and how it ends. What each does is in its file.

pub(crate) mod gateway;
mod ledger;
pub(crate) mod payment;
pub(crate) mod upstream;

/// The types of demo/schema.toml.
pub(crate) mod logs {
    tracel::include_schema!();
}

use crate::Fault;
use axum::Router;
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Write},
    net::Ipv4Addr,
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpListener};
use tracel::log_info;
use upstream::Upstream;

/// How long a service waits at its end for the store to take what it logged.
const LAST_FLUSH: Duration = Duration::from_secs(30);

/// Which service a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// What shops talk to.
    Gateway,
    /// What talks to the bank.
    Payment,
    /// What books.
    Ledger,
}

impl Role {
    /// The service's name in its records.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Role::Gateway => "Gateway",
            Role::Payment => "Payment",
            Role::Ledger => "Ledger",
        }
    }
}

/// What a service counted, told at its end.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Counts {
    /// Records that were accepted.
    pub(crate) written: u64,
    /// Records that were not, because its journal was full.
    pub(crate) dropped: u64,
    /// Records that the store refused, or had not taken at the end.
    pub(crate) undelivered: u64,
}

/// Runs one service until its stdin ends. On stdout it tells its address, and at its end its [`Counts`].
pub(crate) async fn serve(role: Role, upstream: Option<String>, sink: &str) -> Result<(), Fault> {
    let guard = tracel::init(logs::SCHEMA)
        .service(role.service())
        .sink(sink)
        .volatile()
        .start()?;
    let upstream = upstream.map(Upstream::new).ok_or("this service needs --upstream");
    let router = match role {
        Role::Gateway => gateway::router(upstream?),
        Role::Payment => payment::router(upstream?),
        Role::Ledger => ledger::router(),
    };
    listen(router.layer(tracel::tower::ServerLayer::new())).await?;
    let flushed = guard.flush(LAST_FLUSH);
    drop(guard);
    let stats = tracel::stats();
    let counts = Counts {
        written: stats.written,
        dropped: stats.dropped,
        undelivered: stats.refused + stats.overrun + stats.lost,
    };
    writeln!(io::stdout(), "{}", serde_json::to_string(&counts)?)?;
    Ok(flushed?)
}

async fn listen(router: Router) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    log_info!(SysLog("listening", address = tracel::display(&address)));
    writeln!(io::stdout(), "{address}")?;
    axum::serve(listener, router)
        .with_graceful_shutdown(end_of_stdin())
        .await
}

/// Whoever started the service holds the other end: when that process ends in any way, so does this one.
async fn end_of_stdin() {
    // An error is an end, too.
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}
