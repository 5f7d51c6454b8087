//! The topic as its brokers see it: what is produced straight into it, how far it goes, and how far Vector has committed.

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

/// The topic of the records.
pub(crate) const TOPIC: &str = "logs";
/// What breaks the schema.
pub(crate) const QUARANTINE: &str = "logs-quarantine";
/// How many partitions it has.
pub(crate) const PARTITIONS: i32 = 6;
/// Vector's consumer group.
pub(crate) const GROUP: &str = "tracel-vector";

/// How long one answer may take, and how long it is asked again.
const ANSWER: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);

/// For each partition an offset.
pub(crate) type Offsets = BTreeMap<i32, i64>;

/// A client of the brokers.
pub(crate) struct Kafka(String);

impl Kafka {
    pub(crate) fn new(brokers: String) -> Kafka {
        Kafka(brokers)
    }

    /// `HOST:PORT`
    pub(crate) fn brokers(&self) -> &str {
        &self.0
    }

    /// The address of the topic, for sinks.
    pub(crate) fn sink(&self) -> String {
        format!("kafka://{}/{TOPIC}", self.0)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.0)
            .set("group.id", GROUP)
            .set("enable.auto.commit", "false")
            .set("message.max.bytes", "4000000")
            .set("log_level", "0");
        config
    }

    fn fault(&self, error: &KafkaError) -> String {
        format!("Kafka at {}: {error}", self.0)
    }

    /// Produces a message without a byte and one without a payload into each partition.
    pub(crate) fn produce_nothing(&self) -> Result<(), String> {
        let fault = |error: KafkaError| self.fault(&error);
        let producer: BaseProducer = self.config().create().map_err(fault)?;
        for partition in 0..PARTITIONS {
            for payload in [Some(&b""[..]), None] {
                let mut record = BaseRecord::<(), [u8]>::to(TOPIC).partition(partition);
                record.payload = payload;
                producer.send(record).map_err(|(error, _)| fault(error))?;
            }
        }
        producer.flush(PATIENCE).map_err(fault)
    }

    /// Produces messages, each into one partition after the other.
    pub(crate) fn produce<'a>(&self, messages: impl IntoIterator<Item = &'a [u8]>) -> Result<(), String> {
        let fault = |error: KafkaError| self.fault(&error);
        let producer: BaseProducer = self.config().create().map_err(fault)?;
        for (message, partition) in messages.into_iter().zip((0..PARTITIONS).cycle()) {
            let record = BaseRecord::<(), [u8]>::to(TOPIC)
                .payload(message)
                .partition(partition);
            producer.send(record).map_err(|(error, _)| fault(error))?;
        }
        producer.flush(PATIENCE).map_err(fault)
    }

    /// Where the topic's partitions end.
    pub(crate) fn ends(&self) -> Result<Offsets, String> {
        self.ask(|consumer| {
            let end = |partition| {
                let watermarks = consumer.fetch_watermarks(TOPIC, partition, ANSWER);
                watermarks.map(|(_, end)| (partition, end))
            };
            (0..PARTITIONS).map(end).collect()
        })
    }

    /// How far Vector has committed.
    pub(crate) fn committed(&self) -> Result<Offsets, String> {
        self.ask(|consumer| {
            let mut list = TopicPartitionList::new();
            (0..PARTITIONS).for_each(|partition| {
                list.add_partition(TOPIC, partition);
            });
            let list = consumer.committed_offsets(list, ANSWER)?;
            let offset = |offset| if let Offset::Offset(at) = offset { at } else { 0 };
            let elements = list.elements();
            Ok(elements
                .iter()
                .map(|element| (element.partition(), offset(element.offset())))
                .collect())
        })
    }

    /// Asks until there is an answer: brokers that were just killed lead no partition for a while.
    fn ask<T>(&self, question: impl Fn(&BaseConsumer) -> Result<T, KafkaError>) -> Result<T, String> {
        let start = Instant::now();
        loop {
            let consumer: BaseConsumer = self.config().create().map_err(|error| self.fault(&error))?;
            match question(&consumer) {
                Ok(answer) => return Ok(answer),
                Err(error) if start.elapsed() > PATIENCE => return Err(self.fault(&error)),
                Err(_) => thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}
