//! The faults, one after the other while the load goes on. After each, Vector must come to the topic's end again.

use crate::{
    kafka::{Kafka, PARTITIONS},
    load::Load,
    pipeline::{Pipeline, beside, root},
    poison::{self, Becomes, Poison},
    process::{run, say, until},
};
use fastrand::Rng;
use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Broker,
    ClickHouse,
    Refusal,
    Vector,
}

/// Each of them once.
const ALL: [Fault; 4] = [Fault::Broker, Fault::ClickHouse, Fault::Refusal, Fault::Vector];

/// How many requests the service ahead serves, before and after Vector knows its schema.
pub(crate) const AHEAD: u64 = 50;
/// How many copies of each kind of poison.
const COPIES: usize = 7;

/// No fault begins so shortly before the load's end: services have 30 s for their last records.
const REST: Duration = Duration::from_secs(30);

/// What was injected beside the load.
pub(crate) struct Injected {
    pub(crate) poison: Vec<Poison>,
    /// Records that the service ahead has logged.
    pub(crate) ahead: u64,
    /// How often each fault was.
    pub(crate) faults: usize,
}

/// Each fault in an order that the seed decides, poison and a change of the schema between them; and again as long as the
/// load goes on.
pub(crate) fn run_all(pipeline: &mut Pipeline, load: &mut Load, rng: &mut Rng) -> Result<Injected, String> {
    let mut faults = ALL;
    rng.shuffle(&mut faults);
    // The real Vector commits what was refused when more comes behind it, and the load may be over after the last one.
    if faults.ends_with(&[Fault::Refusal]) {
        faults.swap(2, 3);
    }
    let (before, after) = faults.split_at(2);
    let mut injected = Injected {
        poison: Vec::new(),
        ahead: 0,
        faults: ALL.len(),
    };
    until("there are rows of every partition", || {
        let partitions = pipeline
            .store
            .count("SELECT uniqExact(partition) FROM logs", &[])?;
        Ok(partitions == u64::from(PARTITIONS.unsigned_abs()))
    })?;
    before
        .iter()
        .try_for_each(|fault| inject(*fault, pipeline, load, rng))?;
    injected.poison = produce(&pipeline.kafka)?;
    pipeline.caught_up("after poison")?;
    injected.ahead += ahead(pipeline)?;
    pipeline.caught_up("after records of a newer schema")?;
    load.runs()?;
    change(pipeline)?;
    injected.ahead += ahead(pipeline)?;
    after
        .iter()
        .try_for_each(|fault| inject(*fault, pipeline, load, rng))?;
    while load.left() > REST {
        inject(ALL[rng.usize(0..ALL.len())], pipeline, load, rng)?;
        injected.faults += 1;
    }
    Ok(injected)
}

fn inject(fault: Fault, pipeline: &mut Pipeline, load: &mut Load, rng: &mut Rng) -> Result<(), String> {
    // The pipeline is at work before.
    thread::sleep(Duration::from_millis(rng.u64(1000..3000)));
    load.runs()?;
    let away = Duration::from_millis(rng.u64(2000..5000));
    let start = Instant::now();
    match fault {
        Fault::Broker => {
            pipeline.broker.kill();
            thread::sleep(away);
            pipeline.broker.start();
        }
        Fault::ClickHouse => {
            pipeline.store.down()?;
            thread::sleep(away);
            pipeline.store.up()?;
        }
        // An answer of 404, which Vector does not try again.
        Fault::Refusal => {
            pipeline.store.ask("DETACH TABLE logs", &[])?;
            refused(&pipeline.kafka, away)?;
            pipeline.store.ask("ATTACH TABLE logs", &[])?;
        }
        Fault::Vector => {
            pipeline.vector_down()?;
            thread::sleep(away);
            pipeline.vector_up()?;
        }
    }
    let back = start.elapsed();
    let name = match fault {
        Fault::Broker => "Kafka killed",
        Fault::ClickHouse => "ClickHouse killed",
        Fault::Refusal => "ClickHouse refusing",
        Fault::Vector => "Vector killed",
    };
    pipeline.caught_up(&format!("after {name}"))?;
    say(&format!(
        "  {name}: back after {back:.1?}, all of that time in ClickHouse after {:.1?}",
        start.elapsed()
    ));
    Ok(())
}

/// Waits for so long, and until Vector has gone on past what it could not write: it commits once more what was written
/// before, and then what was not. The real one may not commit what was refused, so that is not waited for without end.
fn refused(kafka: &Kafka, at_least: Duration) -> Result<(), String> {
    let (start, mut commits, mut last) = (Instant::now(), 0, kafka.committed()?);
    while start.elapsed() < at_least || (commits < 2 && start.elapsed() < REST) {
        thread::sleep(Duration::from_millis(200));
        let now = kafka.committed()?;
        commits += usize::from(now != last);
        last = now;
    }
    Ok(())
}

/// Poison straight into the topic.
fn produce(kafka: &Kafka) -> Result<Vec<Poison>, String> {
    let mut all: Vec<Poison> = (0..COPIES).flat_map(poison::each).collect();
    let (packed, lines): (Vec<_>, Vec<_>) = (0..COPIES).map(poison::packed).unzip();
    // Before the rest: Vector does not commit a message without a payload until one follows that has some.
    kafka.produce_nothing()?;
    kafka.produce(
        all.iter()
            .map(|poison| poison.line.as_slice())
            .chain(packed.iter().map(Vec::as_slice)),
    )?;
    all.extend(lines.into_iter().flatten());
    let held = all.iter().filter(|poison| poison.becomes != Becomes::Row).count();
    say(&format!(
        "  poison: {} lines, {held} of which belong in quarantine",
        all.len()
    ));
    Ok(all)
}

/// Requests at a service whose schema is one version ahead of the demo's.
fn ahead(pipeline: &Pipeline) -> Result<u64, String> {
    let mut command = Command::new(beside("tracel-ahead")?);
    command
        .args([pipeline.kafka.sink(), AHEAD.to_string()])
        .env("XDG_STATE_HOME", pipeline.folder.join("state"));
    match run(&mut command)? {
        (Some(0), text) => text
            .trim()
            .parse()
            .map_err(|_| format!("tracel-ahead says {text:?}")),
        (code, text) => Err(format!("tracel-ahead exited with {code:?}: {text}")),
    }
}

/// Vector and the tables get the newer schema, while services of the older one go on; and what was held for a word that
/// only the newer schema knows is sent again.
fn change(pipeline: &mut Pipeline) -> Result<(), String> {
    let held = pipeline
        .store
        .count("SELECT count() FROM quarantine_open WHERE reason = 'enum'", &[])?;
    if held != AHEAD {
        return Err(format!("{held} records are held for their currency, not {AHEAD}"));
    }
    let schema = root().join("tests/pipeline/ahead/schema.toml");
    let out = pipeline.folder.join("mended");
    let (schema, out_text) = (schema.display().to_string(), out.display().to_string());
    pipeline.sound(&["generate", &schema, "--out", &out_text])?;
    let url = pipeline.store.url();
    pipeline.sound(&["migrate", "--to", &url, "--schema", &schema])?;
    pipeline.mend(out.join("vector"))?;
    let sink = pipeline.kafka.sink();
    pipeline.sound(&[
        "quarantine",
        "replay",
        "--reason",
        "enum",
        "--from",
        &url,
        "--to",
        &sink,
    ])?;
    pipeline.caught_up("after a replay of what was held")?;
    let held = pipeline
        .store
        .count("SELECT count() FROM quarantine_open WHERE reason = 'enum'", &[])?;
    let rows = pipeline.store.count(
        "SELECT uniqExact(uuid) FROM logs WHERE service_name = 'Refunds' AND toString(metadata.currency) = 'CHF'",
        &[],
    )?;
    if (held, rows) != (0, AHEAD) {
        return Err(format!(
            "after the replay {held} are still held, and {rows} of {AHEAD} are rows"
        ));
    }
    say(&format!(
        "  schema shop@2 under services of shop@1: {AHEAD} records that shop@1 refused are rows after a replay"
    ));
    Ok(())
}
