//! Where the records go, and come from again: the embedded ClickHouse, a ClickHouse of the user's, or NDJSON files; or a
//! topic, from which they go on without us.

use crate::{Fault, Options, StoreKind, services::Role};
use std::{
    io,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};
use tracel_dev::{Server, library};

/// A store of records.
pub(crate) enum Store {
    /// The embedded ClickHouse. Dropped in this order: the engine ends before its folder goes.
    Embedded {
        server: Server,
        data: TempDir,
        journals: TempDir,
    },
    /// A server of the user's.
    Server { address: String },
    /// A topic of Kafka's: a way to a store, and none itself.
    Topic { address: String },
    /// Files in a folder, the user's own or a temporary one; and why it is no ClickHouse, when that was tried.
    Files {
        folder: PathBuf,
        temporary: Option<TempDir>,
        why: Option<String>,
    },
}

impl Store {
    /// Opens what the options ask for, with its tables.
    pub(crate) fn open(options: &Options, is_over: &dyn Fn() -> bool) -> Result<Store, Fault> {
        if let Some(sink) = &options.sink {
            return Store::named(sink);
        }
        if options.store == StoreKind::Files {
            return Store::files(None);
        }
        let library = match library::find_or_fetch_unless(is_over) {
            Ok(library) => library,
            Err(missing) if options.store == StoreKind::Auto => {
                return Store::files(Some(missing.to_string()));
            }
            Err(missing) => return Err(missing.into()),
        };
        let data = temporary()?;
        let server = Server::start(tracel_dev::Options {
            library: Some(library),
            ..tracel_dev::Options::new(data.path())
        })?;
        migrate(&ClickHouse::new(&server.url())?)?;
        Ok(Store::Embedded {
            server,
            data,
            journals: temporary()?,
        })
    }

    fn named(sink: &str) -> Result<Store, Fault> {
        if let Some(folder) = sink.strip_prefix("file://") {
            std::fs::create_dir_all(folder)?;
            return Ok(Store::Files {
                folder: Path::new(folder).canonicalize()?,
                temporary: None,
                why: None,
            });
        }
        let address = sink.to_string();
        if sink.starts_with("kafka://") {
            return Ok(Store::Topic { address });
        }
        if !sink.starts_with("clickhouse://") {
            let text = format!(
                "--sink {sink}: the demo reads the records back, so it takes clickhouse://HOST or file:///FOLDER; \
                 or it only sends them, to kafka://HOST:PORT/TOPIC"
            );
            return Err(text.into());
        }
        let server = ClickHouse::new(sink)?;
        migrate(&server)?;
        Ok(Store::Server { address })
    }

    fn files(why: Option<String>) -> Result<Store, Fault> {
        let temporary = temporary()?;
        Ok(Store::Files {
            folder: temporary.path().to_path_buf(),
            temporary: Some(temporary),
            why,
        })
    }

    /// The sink's address for a service.
    pub(crate) fn sink(&self, role: Role) -> String {
        match self {
            Store::Embedded { server, .. } => format!("clickhouse://{}", server.address()),
            Store::Server { address } | Store::Topic { address } => address.clone(),
            Store::Files { folder, .. } => {
                format!(
                    "file://{}",
                    folder
                        .join(role.service().to_lowercase())
                        .with_extension("ndjson")
                        .display()
                )
            }
        }
    }

    /// Where the services' journals are, when not at TraceL's own place: what is gone with the store's folder is not to
    /// wait for a next start.
    pub(crate) fn journals(&self) -> Option<PathBuf> {
        match self {
            Store::Embedded { journals, .. } => Some(journals.path().to_path_buf()),
            // In the user's folder for state, and beside the files.
            Store::Server { .. } | Store::Topic { .. } | Store::Files { .. } => None,
        }
    }

    /// What `tracel replay --from` takes.
    pub(crate) fn from(&self) -> String {
        match self {
            Store::Embedded { server, .. } => server.url(),
            Store::Server { address } | Store::Topic { address } => address.clone(),
            Store::Files { folder, .. } => folder.display().to_string(),
        }
    }

    /// Whether nothing can be read back from here.
    pub(crate) fn is_way(&self) -> bool {
        matches!(self, Store::Topic { .. })
    }

    /// The server, when it is one.
    pub(crate) fn clickhouse(&self) -> Result<Option<ClickHouse>, String> {
        match self {
            Store::Files { .. } | Store::Topic { .. } => Ok(None),
            Store::Embedded { .. } | Store::Server { .. } => ClickHouse::new(&self.from()).map(Some),
        }
    }

    /// What it is, for people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Store::Embedded { server, .. } => {
                format!(
                    "embedded ClickHouse (libchdb {}) at {}",
                    server.version(),
                    server.url()
                )
            }
            Store::Server { address } => format!("ClickHouse at {}", host(address)),
            Store::Topic { address } => format!("a topic of Kafka's, {}", host(address)),
            Store::Files {
                folder, why: None, ..
            } => format!("NDJSON files in {}", folder.display()),
            Store::Files {
                folder,
                why: Some(why),
                ..
            } => {
                format!("NDJSON files in {}, because {why}", folder.display())
            }
        }
    }

    /// Ends it, and keeps what it holds; says how to read it again.
    pub(crate) fn keep(self) -> String {
        match self {
            Store::Embedded { server, data, .. } => {
                drop(server);
                let folder = data.keep();
                format!(
                    "`cargo run -p tracel-cli -- dev --data {}` serves it again",
                    folder.display()
                )
            }
            Store::Server { address } | Store::Topic { address } => format!("in {}", host(&address)),
            Store::Files {
                folder, temporary, ..
            } => {
                drop(temporary.map(TempDir::keep));
                format!("in {}", folder.display())
            }
        }
    }
}

/// An address without its scheme and its credentials.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.rsplit_once('@').map_or(rest, |(_, host)| host)
}

fn temporary() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("tracel-demo-").tempdir()
}
