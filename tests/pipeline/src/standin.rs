//! A stand-in for Vector, where its binary is not to be had: Kafka's messages through the same programs into ClickHouse, and
//! no offset committed before ClickHouse has answered for it. One thread, one batch at a time. How the topic of quarantine is
//! written, `topic` knows.

mod topic;

use crate::{
    remap::{Line, Outcome, Remap},
    store::{Fault, Store},
};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
    message::BorrowedMessage,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};
use topic::Topic;

/// Where it reads and writes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kafka's bootstrap servers.
    pub kafka: String,
    /// The topic of the records; what breaks the schema goes to the same with `-quarantine`.
    pub topic: String,
    /// The consumer group: who takes over where another one ended.
    pub group: String,
    /// How long rows are gathered.
    pub batch: Duration,
}

/// What it did so far; readable while it runs.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines read, those read again too.
    pub lines: AtomicU64,
    /// Rows of `logs` that ClickHouse has answered for.
    pub rows: AtomicU64,
    /// The same of `quarantine`.
    pub quarantined: AtomicU64,
    /// Rows that ClickHouse or the topic of quarantine refused, and that Vector gives up.
    pub refused: AtomicU64,
    /// Batches tried again.
    pub retried: AtomicU64,
}

/// The most bytes of a batch, as in `deploy/vector/vector.yaml`.
const MOST: usize = 10_000_000;

/// The pauses between two tries: doubled, up to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// Consumes until `stop` is set. What it had read and ClickHouse had not answered for is then uncommitted, as when Vector is
/// killed.
///
/// # Errors
/// When Kafka's client cannot be made, or a program fails.
pub fn run(
    options: &Options,
    remap: &Remap,
    store: &Store,
    counts: &Counts,
    stop: &AtomicBool,
) -> Result<(), String> {
    let fault = |error: rdkafka::error::KafkaError| format!("Kafka at {}: {error}", options.kafka);
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &options.kafka)
        .set("group.id", &options.group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        // Vector's own default: after that the partitions of one that was killed go to another.
        .set("session.timeout.ms", "10000")
        .create()
        .map_err(fault)?;
    consumer.subscribe(&[&options.topic]).map_err(fault)?;
    let quarantine = Topic::open(&options.kafka, format!("{}-quarantine", options.topic)).map_err(fault)?;
    while !stop.load(Relaxed) {
        let batch = gather(&consumer, options, remap, stop)?;
        counts.lines.fetch_add(batch.lines, Relaxed);
        let written = insert(store, "logs", &batch.rows, &counts.rows, counts, stop)
            && insert(
                store,
                "quarantine",
                &batch.quarantined,
                &counts.quarantined,
                counts,
                stop,
            );
        let sent = if written {
            quarantine.send(&batch.quarantined, stop).map_err(fault)?
        } else {
            None
        };
        counts.refused.fetch_add(sent.unwrap_or_default(), Relaxed);
        if sent.is_some() && !batch.next.is_empty() {
            // A commit that fails is made good by the next one, or its records come again.
            let _ = consumer.commit(&offsets(options, &batch.next)?, CommitMode::Sync);
        }
    }
    Ok(())
}

/// What was read at once.
#[derive(Default)]
struct Batch {
    lines: u64,
    rows: Vec<Value>,
    quarantined: Vec<Value>,
    /// For each partition the offset to go on from.
    next: BTreeMap<i32, i64>,
}

fn gather(
    consumer: &BaseConsumer,
    options: &Options,
    remap: &Remap,
    stop: &AtomicBool,
) -> Result<Batch, String> {
    let (mut batch, mut bytes, start) = (Batch::default(), 0, Instant::now());
    while bytes < MOST && !stop.load(Relaxed) {
        let Some(left) = options.batch.checked_sub(start.elapsed()) else {
            break;
        };
        match consumer.poll(left) {
            Some(Ok(message)) => {
                bytes += message.payload_len();
                take(&mut batch, &message, remap)?;
            }
            // librdkafka connects again by itself.
            Some(Err(_)) => {}
            None => break,
        }
    }
    Ok(batch)
}

/// Each line of a message by itself, as with `framing: newline_delimited`: a message without a byte has none.
fn take(batch: &mut Batch, message: &BorrowedMessage<'_>, remap: &Remap) -> Result<(), String> {
    let payload = message.payload().unwrap_or_default();
    let lines = payload.strip_suffix(b"\n").unwrap_or(payload);
    let came = message.timestamp().to_millis().unwrap_or_default();
    let place = Some((message.topic(), message.partition(), message.offset()));
    for bytes in lines.split(|byte| *byte == b'\n').filter(|_| !payload.is_empty()) {
        batch.lines += 1;
        match remap.line(&Line { bytes, place, came })? {
            Outcome::Row(row) => batch.rows.push(row),
            Outcome::Quarantined(row) => batch.quarantined.push(row),
        }
    }
    batch.next.insert(message.partition(), message.offset() + 1);
    Ok(())
}

/// Inserts until ClickHouse has answered. Returns whether it has.
fn insert(
    store: &Store,
    table: &str,
    rows: &[Value],
    written: &AtomicU64,
    counts: &Counts,
    stop: &AtomicBool,
) -> bool {
    if rows.is_empty() {
        return true;
    }
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let [mut pause, longest] = PAUSES;
    while !stop.load(Relaxed) {
        match store.insert(table, rows) {
            Ok(()) => {
                written.fetch_add(count, Relaxed);
                return true;
            }
            Err(Fault::Refused(_)) => {
                counts.refused.fetch_add(count, Relaxed);
                return true;
            }
            Err(Fault::Stalled(_)) => {
                counts.retried.fetch_add(1, Relaxed);
                std::thread::sleep(pause);
                pause = (2 * pause).min(longest);
            }
        }
    }
    false
}

fn offsets(options: &Options, next: &BTreeMap<i32, i64>) -> Result<TopicPartitionList, String> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in next {
        list.add_partition_offset(&options.topic, *partition, Offset::Offset(*offset))
            .map_err(|error| error.to_string())?;
    }
    Ok(list)
}
