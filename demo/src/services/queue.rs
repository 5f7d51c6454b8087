//! The topic of receipts: what the gateway writes to it. Who reads it is in `receipts`.

use crate::Fault;
use rdkafka::{
    ClientConfig, ClientContext,
    message::DeliveryResult,
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tracel::{Context, log_error};
use uuid::Uuid;

/// A receipt to be sent.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Receipt {
    pub(crate) user_id: u64,
    pub(crate) payment_id: Uuid,
    pub(crate) email: String,
}

/// How long the last receipts have to reach the brokers.
const LAST_FLUSH: Duration = Duration::from_secs(10);

/// Writes receipts to the topic, without waiting for it. Clones share a producer.
#[derive(Clone)]
pub(crate) struct Queue {
    producer: Arc<ThreadedProducer<Watch>>,
    topic: Arc<str>,
}

impl Queue {
    /// A producer for these brokers, `HOST:PORT,..`.
    pub(crate) fn new(brokers: &str, topic: &str) -> Result<Queue, Fault> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("enable.idempotence", "true")
            .create_with_context(Watch)?;
        Ok(Queue {
            producer: Arc::new(producer),
            topic: topic.into(),
        })
    }

    /// Hands a receipt over, with the request that it belongs to. What becomes of it is logged in that request when it
    /// goes wrong.
    pub(crate) fn send(&self, receipt: &Receipt) -> Result<(), Fault> {
        let payload = serde_json::to_vec(receipt)?;
        let record = BaseRecord::with_opaque_to(&self.topic, Box::new(Context::current()))
            .key(receipt.payment_id.as_bytes())
            .payload(&payload)
            .headers(tracel::propagate::rdkafka::headers());
        self.producer.send(record).map_err(|(error, _)| error.into())
    }

    /// Waits for the brokers to take what was handed over.
    pub(crate) fn flush(&self) -> Result<(), Fault> {
        Ok(self.producer.flush(LAST_FLUSH)?)
    }
}

/// Hears what became of each receipt.
struct Watch;

impl ClientContext for Watch {}

impl ProducerContext for Watch {
    type DeliveryOpaque = Box<Context>;

    fn delivery(&self, result: &DeliveryResult<'_>, context: Box<Context>) {
        if let Err((error, _)) = result {
            context.in_scope(|| log_error!(SysLog("no broker took a receipt", error)));
        }
    }
}
