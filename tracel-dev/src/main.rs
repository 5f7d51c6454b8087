//! `tracel-dev DATA_DIR [PORT]`: the server as a process of its own. It prints its URL, and runs until its stdin
//! ends or it is killed. `tracel dev` is the same for people.

use std::{
    io::{Read, Write},
    process::ExitCode,
};
use tracel_dev::{Options, Server};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let port = |text: std::ffi::OsString| text.to_str().and_then(|text| text.parse::<u16>().ok());
    let (Some(data), Some(port), None) = (
        arguments.next(),
        arguments.next().map_or(Some(0), port),
        arguments.next(),
    ) else {
        let _ = writeln!(std::io::stderr(), "usage: tracel-dev DATA_DIR [PORT]");
        return ExitCode::from(2);
    };
    match Server::start(Options {
        port,
        ..Options::new(data)
    }) {
        Ok(server) => {
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{}", server.url()).and_then(|()| out.flush());
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            drop(server);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "tracel-dev: {error}");
            ExitCode::FAILURE
        }
    }
}
