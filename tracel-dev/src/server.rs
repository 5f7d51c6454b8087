//! A server's life: start, address, end.

use crate::{engine::Engine, http, library};
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    thread::JoinHandle,
};
use tokio::sync::oneshot;

/// How a [`Server`] is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds the data; made when it is missing.
    pub data_dir: PathBuf,
    /// The TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The library's path; `None` finds it, or fetches it into the cache ([`library::find_or_fetch`]).
    pub library: Option<PathBuf>,
    /// The most bytes that a request's body may hold, also once it is decompressed. 256 MiB by default.
    pub max_body: usize,
}

impl Options {
    /// Over this folder, at a free port.
    pub fn new(data_dir: impl Into<PathBuf>) -> Options {
        Options {
            data_dir: data_dir.into(),
            port: 0,
            library: None,
            max_body: 256 << 20,
        }
    }
}

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no library; files or a ClickHouse server can take its place.
    Missing(library::Missing),
    /// The library is there, but the engine did not start over the folder.
    Engine(String),
    /// The port cannot be had.
    Listen(u16, std::io::Error),
    /// No thread or runtime for the server.
    Start(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Missing(missing) => missing.fmt(f),
            Error::Engine(text) => f.write_str(text),
            Error::Listen(port, error) => write!(
                f,
                "cannot listen on 127.0.0.1:{port}: {error}; port 0 takes a free one"
            ),
            Error::Start(error) => write!(f, "cannot start the server: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// ClickHouse's engine behind its HTTP interface, in this process, on 127.0.0.1. Dropping it ends it: requests
/// under way are answered first.
pub struct Server {
    address: SocketAddr,
    version: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server; it answers when this returns. One process can run one at a time.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn start(options: Options) -> Result<Server, Error> {
        let library = match options.library {
            Some(path) => path,
            None => library::find_or_fetch().map_err(Error::Missing)?,
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .map_err(|error| Error::Listen(options.port, error))?;
        listener.set_nonblocking(true).map_err(Error::Start)?;
        let address = listener.local_addr().map_err(Error::Start)?;
        let engine = Engine::start(&library, &options.data_dir).map_err(Error::Engine)?;
        let version = engine.version();
        let router = http::router(http::Front {
            engine,
            max_body: options.max_body,
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("tracel-dev")
            .enable_all()
            .build()
            .map_err(Error::Start)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(Error::Start)?
        };
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            let end = async {
                let _ = stopped.await;
            };
            // It returns when `stopped` says so: accepting is retried inside.
            let _ = runtime.block_on(
                axum::serve(listener, router)
                    .with_graceful_shutdown(end)
                    .into_future(),
            );
        };
        let thread = std::thread::Builder::new()
            .name("tracel-dev".into())
            .spawn(serve)
            .map_err(Error::Start)?;
        Ok(Server {
            address,
            version,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, as in `http://127.0.0.1:8123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The library's version, as in `26.7.3`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
