//! What librdkafka reports: deliveries, and what it would log, which is kept for people and never logged.

use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    error::KafkaError,
    producer::{DeliveryResult, ProducerContext},
    types::RDKafkaErrorCode,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many epochs of a producer without a delivery report say that the broker does not know it any more.
const EPOCHS: i64 = 10;

/// Which message a report is about: its batch, and its bytes' hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) batch: u64,
    pub(super) hash: u128,
}

/// The reports that have not been taken, and what was said last.
#[derive(Default)]
pub(super) struct Reports(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    deliveries: Vec<(Delivery, Result<(), KafkaError>)>,
    said: Option<String>,
    code: Option<RDKafkaErrorCode>,
    /// The producer's epoch at the last delivery report, as far as it is known.
    epoch: Option<i64>,
    is_forgotten: bool,
}

impl Reports {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> Vec<(Delivery, Result<(), KafkaError>)> {
        std::mem::take(&mut self.inner().deliveries)
    }

    pub(super) fn said(&self, text: &str) {
        self.inner().said = Some(text.chars().take(300).collect());
    }

    /// What was said last since a delivery, and the last error's code.
    pub(super) fn last_said(&self) -> (Option<String>, Option<RDKafkaErrorCode>) {
        let inner = self.inner();
        (inner.said.clone(), inner.code)
    }
}

impl Reports {
    /// Whether the broker has forgotten the producer: librdkafka then numbers its messages anew in a next epoch, which a
    /// broker that has lost its data refuses again, for ever.
    pub(super) fn is_forgotten(&self) -> bool {
        self.inner().is_forgotten
    }

    fn epoch(&self, epoch: i64) {
        let mut inner = self.inner();
        let since = *inner.epoch.get_or_insert(epoch);
        inner.is_forgotten |= epoch - since >= EPOCHS;
    }
}

impl ClientContext for Reports {
    fn log(&self, _: RDKafkaLogLevel, _: &str, text: &str) {
        self.said(text);
    }

    fn stats_raw(&self, json: &[u8]) {
        let stats = serde_json::from_slice::<serde_json::Value>(json).unwrap_or_default();
        if let Some(epoch) = stats["eos"]["producer_epoch"].as_i64() {
            self.epoch(epoch);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        // That all brokers are down is said after why each is, which tells more.
        if code == Some(RDKafkaErrorCode::AllBrokersDown) && self.inner().said.is_some() {
            return;
        }
        self.said(reason);
        self.inner().code = code;
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Delivery>;

    fn delivery(&self, result: &DeliveryResult<'_>, delivery: Box<Delivery>) {
        let result = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        let mut inner = self.inner();
        inner.epoch = None;
        if result.is_ok() {
            (inner.said, inner.code) = (None, None);
        }
        inner.deliveries.push((*delivery, result));
    }
}
