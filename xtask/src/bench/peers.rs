//! `cargo xtask bench`: TraceL and others, each its own program, in turn, so that what the machine does meanwhile happens to
//! all. What is measured, the sections know; what comes out is written into docs/performance.md.

use super::{
    callers::Callers, disk::Disk, flood::Flood, growth::Growth, light::Light, page, peer::build,
    threads::Threads,
};
use crate::command::{root, say};
use std::path::{Path, PathBuf};

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
        lacks: "nothing; its caller makes no JSON: its shipper's thread does",
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
        package: "bench-logforth",
        name: "logforth JSON, its thread",
        lacks: "spans: their fields are the thread's, all of them texts; uuid, service, span_id, thread, log_type, event_name, instance, lane, seq, schema; microseconds; its caller makes no JSON: its thread does",
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
    Peer {
        package: "bench-fastrace",
        name: "fastrace, an event of a span",
        lacks: "level, service, thread, source, log_type, event_name, instance, lane, seq, schema; the span's fields are the span's; no JSON at all: it is a tracer, and hands its events over when their span ends",
    },
];

/// The programs, built.
pub(crate) struct Programs {
    /// In the order of [`PEERS`].
    pub(crate) peers: Vec<PathBuf>,
    /// TraceL's layer over a ring in memory, and its bytes over one.
    pub(crate) control: PathBuf,
    pub(crate) floor: PathBuf,
    pub(crate) growth: PathBuf,
    pub(crate) growth_of_tracing: PathBuf,
    /// TraceL with a sink for Kafka, and the topic's address.
    pub(crate) kafka: Option<(PathBuf, String)>,
}

impl Programs {
    pub(crate) fn tracel(&self) -> &Path {
        &self.peers[0]
    }
}

/// Where files are written.
pub(crate) struct Folders {
    pub(crate) tmpfs: tempfile::TempDir,
    /// Whatever the repository is on.
    pub(crate) disk: tempfile::TempDir,
}

/// Something that is measured in each round.
pub(crate) trait Section {
    /// Measures all of it once.
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String>;
    /// Adds to the page what came out, and draws its pictures.
    fn write(&self, page: &mut String) -> Result<(), String>;
}

/// TraceL with a sink for Kafka, beside the one without.
fn kafka(broker: &str) -> Result<(PathBuf, String), String> {
    let built = build(PEERS[0].package, &["--features", "kafka"])?;
    let own = built.with_file_name("bench-tracel-kafka");
    std::fs::copy(&built, &own).map_err(|error| format!("{}: {error}", own.display()))?;
    Ok((own, format!("kafka://{broker}/tracel-bench")))
}

/// Measures so many rounds, Kafka only where there is a broker, and writes the page.
pub(crate) fn run(rounds: u32, broker: Option<&str>) -> Result<bool, String> {
    let floor = build("bench-control", &[])?;
    let programs = Programs {
        // First, for it leaves its program where the other's will be.
        kafka: broker.map(kafka).transpose()?,
        peers: PEERS
            .iter()
            .map(|peer| build(peer.package, &[]))
            .collect::<Result<_, _>>()?,
        control: floor.with_file_name("bench-layer"),
        floor,
        growth: build("bench-growth", &[])?,
        growth_of_tracing: build("bench-growth-tracing", &[])?,
    };
    let folder = |within: PathBuf| {
        tempfile::Builder::new()
            .prefix("tracel-bench")
            .tempdir_in(&within)
            .map_err(|error| format!("no folder in {}: {error}", within.display()))
    };
    let folders = Folders {
        tmpfs: folder("/dev/shm".into())?,
        disk: folder(root().join("target"))?,
    };
    let mut sections: [Box<dyn Section>; 6] = [
        Box::new(Callers::new()),
        Box::new(Threads::new()),
        Box::new(Flood::new()),
        Box::new(Light::default()),
        Box::new(Growth::new()),
        // What it has written through keeps the disk busy for a while.
        Box::new(Disk::default()),
    ];
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        for section in &mut sections {
            section.round(&programs, &folders)?;
        }
    }
    let mut text = format!(
        "Medians of {rounds} rounds, in parentheses the least and the most of them; {}. Nanoseconds of the caller, where nothing else is said.\n",
        page::machine()
    );
    for section in &sections {
        section.write(&mut text)?;
    }
    page::write(&text)?;
    Ok(true)
}
