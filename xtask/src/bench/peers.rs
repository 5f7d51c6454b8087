//! `cargo xtask bench`: the one record by TraceL and by others, each its own program, in turn, so that what the machine does
//! meanwhile happens to all. What comes out is written into docs/performance.md.

use super::{figures::Figures, peer::build, plot};
use crate::command::{root, say};
use std::{fs, path::PathBuf, process::Command};

/// One library, as `bench/` uses it.
pub(crate) struct Peer {
    package: &'static str,
    pub(crate) name: &'static str,
    /// What a record of its own has not, of what a complete one has; and what it has instead.
    pub(crate) lacks: &'static str,
}

/// The first is what the others are measured beside.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        package: "bench-tracel",
        name: "TraceL",
        lacks: "nothing",
    },
    Peer {
        package: "bench-tracing",
        name: "tracing-subscriber JSON, tracing-appender",
        lacks: "uuid, service, span_id, log_type, event_name, instance, lane, seq, schema; microseconds; the span's fields stand there twice",
    },
    Peer {
        package: "bench-json-subscriber",
        name: "json-subscriber, tracing-appender",
        lacks: "uuid, service, span_id, log_type, event_name, instance, lane, seq, schema; microseconds; the span's fields stand there twice",
    },
    Peer {
        package: "bench-bunyan",
        name: "tracing-bunyan-formatter, tracing-appender",
        lacks: "uuid, span_id, span name, thread, log_type, event_name, lane, seq, schema; it has the host's name and the process's id",
    },
    Peer {
        package: "bench-slog",
        name: "slog-json, slog-async",
        lacks: "uuid, span_id, span name, thread, source, log_type, event_name, instance, lane, seq, schema; its caller makes no JSON: its thread does",
    },
    Peer {
        package: "bench-spdlog",
        name: "spdlog-rs JSON, its thread pool",
        lacks: "spans: their fields are given with each record; uuid, span_id, log_type, event_name, instance, lane, seq, schema; its caller makes no JSON: its thread does",
    },
    Peer {
        package: "bench-emit",
        name: "emit, emit_file",
        lacks: "uuid, service, thread, source, log_type, event_name, instance, lane, seq, schema; it writes to a file both times",
    },
    Peer {
        package: "bench-otel",
        name: "opentelemetry-appender-tracing, batch processor",
        lacks: "the span's fields, uuid, service, span, thread, source, log_type, event_name, instance, lane, seq, schema; no JSON at all: what is behind prints its attributes",
    },
];

/// Where they write.
pub(crate) const SINKS: [&str; 2] = ["nowhere", "a file on tmpfs"];

/// Measures so many rounds, and writes the page.
pub(crate) fn run(rounds: u32) -> Result<bool, String> {
    let programs = PEERS
        .iter()
        .map(|peer| build(peer.package, &[]))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    let file = tempfile::Builder::new()
        .prefix("tracel-bench")
        .tempdir_in("/dev/shm")
        .map_err(|error| format!("no folder on the tmpfs /dev/shm: {error}"))?;
    let mut all = SINKS.map(|_| PEERS.iter().map(|_| Vec::new()).collect::<Vec<Vec<Figures>>>());
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        for (sink, figures) in all.iter_mut().enumerate() {
            for (program, figures) in programs.iter().zip(figures) {
                let folder = file.path().join(round.to_string());
                let target = match sink {
                    0 => "null".to_owned(),
                    _ => folder.join("log.ndjson").to_string_lossy().into_owned(),
                };
                fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                figures.push(measure(program, &target)?);
                fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            }
        }
    }
    plot::callers(&all, &root().join("docs/performance-caller.svg"))?;
    super::page::write(&all, rounds)?;
    Ok(true)
}

fn measure(program: &PathBuf, sink: &str) -> Result<Figures, String> {
    let output = Command::new(program)
        .arg(sink)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut figures = Figures::read(&said).ok_or_else(|| {
        let trouble = String::from_utf8_lossy(&output.stderr);
        format!("{} {sink} said no figures: {said}{trouble}", program.display())
    })?;
    // What is in the file counts, not what a program says of it.
    if let Ok(metadata) = fs::metadata(sink) {
        figures.bytes = metadata.len() as f64;
    }
    Ok(figures)
}
