//! What was refused, into the topic of quarantine: the sink `quarantine_topic` of `deploy/vector/vector.yaml`.

use rdkafka::{
    ClientConfig, ClientContext,
    error::{KafkaError, RDKafkaErrorCode},
    message::DeliveryResult,
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};
use serde_json::Value;
use std::{
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{AcqRel, Acquire, Relaxed},
    },
    time::Duration,
};

/// How long is waited at once; between, it is seen whether to stop.
const LOOK: Duration = Duration::from_millis(200);

/// A producer to it.
pub(super) struct Topic {
    producer: ThreadedProducer<Refused>,
    name: String,
}

/// Counts the messages that no broker took, after all that librdkafka tries itself; Vector gives them up then.
#[derive(Default)]
struct Refused(AtomicU64);

impl ClientContext for Refused {}

impl ProducerContext for Refused {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, AcqRel);
        }
    }
}

impl Topic {
    pub(super) fn open(kafka: &str, name: String) -> Result<Topic, KafkaError> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", kafka)
            // As in vector.yaml: the row around a line is longer than the line.
            .set("message.max.bytes", "4000000")
            .set("compression.type", "zstd")
            .create_with_context(Refused::default())?;
        Ok(Topic { producer, name })
    }

    /// Sends rows, and waits until brokers have answered for them. `None` when it was told to stop before; else how many
    /// were refused.
    pub(super) fn send(&self, rows: &[Value], stop: &AtomicBool) -> Result<Option<u64>, KafkaError> {
        for row in rows {
            let payload = row.to_string();
            let mut record = BaseRecord::<(), String>::to(&self.name).payload(&payload);
            while let Err((error, same)) = self.producer.send(record) {
                let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                match (is_full, stop.load(Relaxed)) {
                    (true, false) => self.producer.poll(LOOK),
                    (true, true) => return Ok(None),
                    (false, _) => return Err(error),
                }
                record = same;
            }
        }
        while self.producer.flush(LOOK).is_err() {
            if stop.load(Relaxed) {
                return Ok(None);
            }
        }
        Ok(Some(self.producer.context().0.swap(0, Acquire)))
    }
}
