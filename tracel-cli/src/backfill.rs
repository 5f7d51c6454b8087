//! `tracel backfill`: reads again from Kafka what a store lacks, and sends it to a sink. A record that the store has after
//! all counts once there, by its uuid.

use crate::deliver::Delivery;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tracel::sink::Address;

/// How long a broker may take for an answer, and how long nothing may come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is read again.
#[derive(Clone, Debug, Default)]
pub struct From {
    /// Brokers to begin with, as in `one:9092,two:9092`.
    pub brokers: String,
    /// The topic.
    pub topic: String,
    /// Only this partition.
    pub partition: Option<i32>,
    /// From this offset on, else from the first that is there.
    pub first: Option<i64>,
    /// Up to this offset, else up to the last that is there now.
    pub last: Option<i64>,
    /// Settings of librdkafka, as for a login: they win over what is set here.
    pub properties: Vec<(String, String)>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages that were read.
    pub messages: u64,
    /// Lines in them, which were sent.
    pub lines: u64,
    /// Offsets that were asked for, and that Kafka does not hold any more: partition, first, last.
    pub gone: Vec<(i32, i64, i64)>,
}

/// Reads, and sends; nothing is committed, so no consumer's place moves.
///
/// # Errors
/// When the brokers do not answer, the topic or partition is unknown, or the sink does not take the lines.
pub fn backfill(from: &From, to: &Address) -> Result<Report, String> {
    let at = |error: KafkaError| format!("{} of {}: {error}", from.topic, from.brokers);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &from.brokers)
        // It is asked for, and never used: what is read is said by offsets.
        .set("group.id", "tracel-backfill")
        .set("enable.auto.commit", "false");
    for (name, value) in &from.properties {
        config.set(name, value);
    }
    let consumer: BaseConsumer = config.create().map_err(at)?;
    let mut report = Report::default();
    let mut ends = ends(from, &consumer, &mut report)?;
    let mut delivery = Delivery::open(to)?;
    let mut lines = Vec::new();
    let mut last = Instant::now();
    while !ends.is_empty() {
        let message = match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => message,
            // One that librdkafka tries again by itself.
            Some(Err(KafkaError::MessageConsumption(_))) | None if last.elapsed() < PATIENCE => {
                ended(&consumer, from, &mut ends)?;
                continue;
            }
            Some(Err(error)) => return Err(at(error)),
            None => {
                return Err(format!(
                    "{} of {}: nothing came for 30 s",
                    from.topic, from.brokers
                ));
            }
        };
        last = Instant::now();
        let (partition, offset) = (message.partition(), message.offset());
        match ends.get(&partition) {
            Some(end) if offset < *end => {}
            _ => continue,
        }
        if ends.get(&partition).is_some_and(|end| offset + 1 >= *end) {
            ends.remove(&partition);
        }
        report.messages += 1;
        for line in message.payload().unwrap_or_default().split(|byte| *byte == b'\n') {
            if !line.is_empty() {
                report.lines += 1;
                lines.extend_from_slice(line);
                lines.push(b'\n');
            }
        }
        if lines.len() >= delivery.full() {
            delivery.send(&lines)?;
            lines.clear();
        }
    }
    if !lines.is_empty() {
        delivery.send(&lines)?;
    }
    Ok(report)
}

/// Where each partition is to be read up to; they are assigned where they begin.
fn ends(from: &From, consumer: &BaseConsumer, report: &mut Report) -> Result<BTreeMap<i32, i64>, String> {
    let at = |error: KafkaError| format!("{} of {}: {error}", from.topic, from.brokers);
    let metadata = consumer.fetch_metadata(Some(&from.topic), PATIENCE).map_err(at)?;
    let partitions: Vec<i32> = metadata
        .topics()
        .iter()
        .flat_map(|topic| topic.partitions())
        .map(|partition| partition.id())
        .filter(|partition| from.partition.is_none_or(|only| only == *partition))
        .collect();
    if partitions.is_empty() {
        return Err(match from.partition {
            Some(partition) => format!("{} has no partition {partition}: is the topic right?", from.topic),
            None => format!("{} has no topic {}", from.brokers, from.topic),
        });
    }
    let (mut list, mut ends) = (TopicPartitionList::new(), BTreeMap::new());
    for partition in partitions {
        let (low, high) = consumer
            .fetch_watermarks(&from.topic, partition, PATIENCE)
            .map_err(at)?;
        let first = from.first.unwrap_or(low);
        let end = from.last.map_or(high, |last| last.saturating_add(1).min(high));
        if first < low {
            report
                .gone
                .push((partition, first, low.min(end.max(first + 1)) - 1));
        }
        let first = first.max(low);
        if first < end {
            list.add_partition_offset(&from.topic, partition, Offset::Offset(first))
                .map_err(at)?;
            ends.insert(partition, end);
        }
    }
    consumer.assign(&list).map_err(at)?;
    Ok(ends)
}

/// Leaves out partitions whose last offsets hold no message: what a transaction or a compaction leaves.
fn ended(consumer: &BaseConsumer, from: &From, ends: &mut BTreeMap<i32, i64>) -> Result<(), String> {
    let position = consumer
        .position()
        .map_err(|error| format!("{} of {}: {error}", from.topic, from.brokers))?;
    ends.retain(|partition, end| {
        let at = position.find_partition(&from.topic, *partition);
        !matches!(at.map(|at| at.offset()), Some(Offset::Offset(at)) if at >= *end)
    });
    Ok(())
}
