//! The four services, each a process of its own: how one starts, and how it ends. What each does is in its file.

pub(crate) mod gateway;
mod ledger;
pub(crate) mod payment;
mod queue;
mod receipts;
pub(crate) mod upstream;

/// The types of demo/schema.toml.
pub(crate) mod logs {
    tracel::include_schema!();
}

use crate::Fault;
use axum::Router;
use ledger::rpc::LedgerClient;
use queue::Queue;
use receipts::Worker;
use serde::{Deserialize, Serialize};
use std::{
    fmt::Display,
    io::{self, Write},
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpListener};
use tonic::transport::server::TcpIncoming;
use tracel::{log_info, tower::ServerLayer};
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
    /// What sends receipts.
    Receipts,
}

impl Role {
    /// All of them, in the order in which a request meets them.
    pub(crate) const ALL: [Role; 4] = [Role::Gateway, Role::Payment, Role::Ledger, Role::Receipts];

    /// The service's name in its records.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Role::Gateway => "Gateway",
            Role::Payment => "Payment",
            Role::Ledger => "Ledger",
            Role::Receipts => "Receipts",
        }
    }
}

/// The topic that receipts wait in.
pub(crate) const TOPIC: &str = "tracel-demo-receipts";

/// What a service is started with.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Settings {
    role: Role,
    /// The address of the service that it calls.
    #[arg(long)]
    upstream: Option<String>,
    /// Kafka's brokers.
    #[arg(long)]
    brokers: Option<String>,
    /// Where its records go.
    #[arg(long)]
    sink: String,
    /// Where its journal is, when not at TraceL's own place.
    #[arg(long)]
    folder: Option<PathBuf>,
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
pub(crate) async fn serve(settings: Settings) -> Result<(), Fault> {
    let Settings {
        role,
        upstream,
        brokers,
        sink,
        folder,
    } = settings;
    let mut init = tracel::init(logs::SCHEMA).service(role.service()).sink(sink);
    if let Some(folder) = folder {
        init = init.folder(folder);
    }
    let guard = init.start()?;
    let upstream = upstream.ok_or("this service needs --upstream");
    let brokers = brokers.ok_or("this service needs --brokers");
    match role {
        Role::Gateway => {
            let queue = Queue::new(&brokers?, TOPIC)?;
            let router = gateway::router(Upstream::new(upstream?), queue.clone());
            listen(router).await?;
            tracel::spawn_blocking(move || queue.flush()).await??;
        }
        Role::Payment => listen(payment::router(LedgerClient::new(upstream?)?)).await?,
        Role::Ledger => {
            let listener = bind().await?;
            tonic::transport::Server::builder()
                .layer(ServerLayer::new())
                .serve_with_incoming_shutdown(ledger::server()?, TcpIncoming::from(listener), end_of_stdin())
                .await?;
        }
        Role::Receipts => work(brokers?).await?,
    }
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

/// Serves HTTP.
async fn listen(router: Router) -> io::Result<()> {
    let listener = bind().await?;
    axum::serve(listener, router.layer(ServerLayer::new()))
        .with_graceful_shutdown(end_of_stdin())
        .await
}

async fn bind() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    tell(format_args!("http://{}", listener.local_addr()?))?;
    Ok(listener)
}

/// Reads the topic of receipts.
async fn work(brokers: String) -> Result<(), Fault> {
    let is_over = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&is_over);
    let work = tracel::spawn_blocking(move || {
        let worker = Worker::new(&brokers, TOPIC)?;
        tell(format_args!("topic {TOPIC} at {brokers}"))?;
        worker.run(&until)
    });
    end_of_stdin().await;
    is_over.store(true, Ordering::Relaxed);
    work.await?
}

/// Says where the service is to be found.
fn tell(address: impl Display) -> io::Result<()> {
    log_info!(SysLog("listening", address = tracel::display(&address)));
    writeln!(io::stdout(), "{address}")
}

/// Whoever started the service holds the other end: when that process ends in any way, so does this one.
async fn end_of_stdin() {
    // An error is an end, too.
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}
