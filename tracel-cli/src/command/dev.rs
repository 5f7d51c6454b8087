//! `tracel dev`.

use super::written;
use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::mpsc,
};
use tracel_cli::{clickhouse::ClickHouse, migrate};
use tracel_dev::{Options, Server};

pub(crate) fn run(port: u16, data: PathBuf) -> Result<ExitCode, String> {
    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = stop.send(());
    })
    .map_err(|error| format!("cannot catch Ctrl-C: {error}"))?;
    let server = Server::start(Options {
        port,
        ..Options::new(&data)
    })
    .map_err(|error| error.to_string())?;
    let migrated =
        migrate::migrate(&ClickHouse::new(&server.url())?).map_err(|failure| failure.to_string())?;
    let address = server.address();
    let text = format!(
        "ClickHouse {} on {} over {}{}\n\
         log to it:  TRACEL_SINK=clickhouse://{address}\n\
         replay:     tracel replay EVENT_ID --from clickhouse://{address}\n\
         ask it:     curl {} --data-binary 'SELECT * FROM logs LIMIT 10'\n\
         Ctrl-C ends it.\n",
        server.version(),
        server.url(),
        data.display(),
        if migrated.applied.is_empty() {
            ""
        } else {
            ", with new tables"
        },
        server.url(),
    );
    written(io::stdout().write_all(text.as_bytes()))?;
    // An error means that the handler is gone, which ends it too.
    let _ = stopped.recv();
    drop(server);
    Ok(ExitCode::SUCCESS)
}
