//! `kafka://` produces to a topic by librdkafka's idempotent producer: delivery reports decide when a batch has arrived.
//! What its errors mean is in `verdict`, what it reports in `reports`.

mod options;
mod reports;
#[cfg(test)]
mod tests;
mod verdict;

pub use options::{Compression, Options};

use super::{Batch, Batching, SendError, Sent, Sink};
use crate::Error;
use rdkafka::{
    ClientConfig,
    error::KafkaError,
    producer::{BaseProducer, BaseRecord, Producer, PurgeConfig},
    types::RDKafkaErrorCode,
};
use reports::{Delivery, Reports};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::{
    collections::{HashMap, HashSet},
    env, fmt,
    hash::Hasher,
    time::{Duration, Instant},
};
use verdict::{hint, verdict};

/// The variables with the login, for addresses without one.
const USERNAME: &str = "TRACEL_KAFKA_USERNAME";
const PASSWORD: &str = "TRACEL_KAFKA_PASSWORD";
/// How long batches may wait for an acknowledgement before people are told.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that one look at librdkafka's reports takes: it takes the whole time, also when there are some.
const LOOK: Duration = Duration::from_millis(1);

/// Produces to a topic.
///
/// Within a process each record arrives once, whatever the broker does, but for one case: what a broker took, did not
/// acknowledge and may have lost is sent again.
pub struct Kafka {
    options: Options,
    config: ClientConfig,
    producer: BaseProducer<Reports>,
    pending: HashMap<u64, Pending>,
    /// Messages that arrived though others of their batch did not: they are left out when it is sent again.
    arrived: HashSet<u128>,
    patience: Duration,
    /// When people were told last that nothing is acknowledged.
    told: Instant,
}

/// A batch under way.
struct Pending {
    since: Instant,
    /// What has arrived of it.
    arrived: Vec<u128>,
    /// How many messages are still out.
    out: usize,
    error: Option<SendError>,
}

impl Kafka {
    /// Takes the login from `TRACEL_KAFKA_USERNAME` and `TRACEL_KAFKA_PASSWORD` when the address has none. The brokers may
    /// be away.
    ///
    /// # Errors
    /// When librdkafka refuses a setting.
    pub fn open(mut options: Options) -> Result<Self, Error> {
        let variable = |name| env::var(name).ok().filter(|text| !text.is_empty());
        if options.login.is_none() {
            options.login = variable(USERNAME).map(|user| (user, variable(PASSWORD).unwrap_or_default()));
        }
        let config = options.config()?;
        let producer = produce(&config)?;
        Ok(Kafka {
            options,
            config,
            producer,
            pending: HashMap::new(),
            arrived: HashSet::new(),
            patience: PATIENCE,
            told: Instant::now(),
        })
    }

    /// Hands a message to librdkafka, which copies it.
    fn message(&self, delivery: Delivery, payload: &[u8]) -> Result<(), KafkaError> {
        let key = self.options.key.as_deref().and_then(|name| key(name, payload));
        let record = BaseRecord::with_opaque_to(&self.options.topic, Box::new(delivery));
        let mut record = record.payload(payload);
        if let Some(key) = &key {
            record = record.key(key.as_bytes());
        }
        self.producer.send(record).map_err(|(error, _)| error)
    }

    /// What became of a batch that has nothing out any more.
    fn finish(&mut self, batch: Pending) -> Result<(), SendError> {
        batch.error.map_or(Ok(()), |error| {
            self.arrived.extend(batch.arrived);
            Err(error)
        })
    }

    /// Takes in the delivery reports. True when a batch was reported.
    fn collect(&mut self, report: &mut dyn FnMut(u64, Result<(), SendError>)) -> bool {
        let mut any = false;
        // Then librdkafka says of all that is under way only that it was purged.
        let fatal = self.fatal();
        for (Delivery { batch, hash }, result) in self.producer.context().take() {
            let Some(pending) = self.pending.get_mut(&batch) else {
                continue;
            };
            pending.out -= 1;
            match result {
                Ok(()) => pending.arrived.push(hash),
                Err(error) => blame(
                    &mut pending.error,
                    fatal.clone().unwrap_or_else(|| verdict(&error)),
                ),
            }
            if pending.out == 0
                && let Some(pending) = self.pending.remove(&batch)
            {
                report(batch, self.finish(pending));
                any = true;
            }
        }
        any
    }

    /// Why the producer has failed for good, if it has.
    fn fatal(&self) -> Option<SendError> {
        let why = match self.producer.client().fatal_error() {
            Some((code, why)) => format!("{why}{}", hint(code)),
            None if self.producer.context().is_forgotten() => {
                "the broker does not know it any more (has it lost its data?)".into()
            }
            None => return None,
        };
        Some(SendError::retry(format!(
            "the producer is made anew, because {why}"
        )))
    }

    /// A producer that has failed for good, as when the broker has lost what it acknowledged, is replaced, and what was
    /// under way is to be sent again. True when it was.
    fn renew(&mut self, report: &mut dyn FnMut(u64, Result<(), SendError>)) -> bool {
        let Some(fatal) = self.fatal() else { return false };
        // It may have reported deliveries before.
        self.producer.poll(LOOK);
        self.collect(report);
        match produce(&self.config) {
            Ok(new) => {
                let old = std::mem::replace(&mut self.producer, new);
                // So that nothing of it is sent while it ends.
                old.purge(PurgeConfig::default().queue().inflight());
            }
            // It is tried again when there are batches again.
            Err(error) => self.producer.context().said(&error.to_string()),
        }
        for (id, mut pending) in std::mem::take(&mut self.pending) {
            blame(&mut pending.error, fatal.clone());
            report(id, self.finish(pending));
        }
        true
    }
}

/// A batch's error: what is to be tried again has to be, also when something else was refused. That shows again.
fn blame(error: &mut Option<SendError>, new: SendError) {
    if error.is_none() || matches!(new, SendError::Retry { .. }) {
        *error = Some(new);
    }
}

fn produce(config: &ClientConfig) -> Result<BaseProducer<Reports>, Error> {
    config.create_with_context(Reports::default()).map_err(|error| {
        let text = error.to_string();
        let help =
            if text.contains("OpenSSL not available") || text.contains("ssl.") || text.contains("SCRAM") {
                "TLS and SCRAM need the feature `kafka-tls` of `tracel` in Cargo.toml"
            } else {
                "see the parameters that an address takes, and librdkafka's own for `rdkafka.NAME`"
            };
        Error::new("librdkafka refuses a setting")
            .help(help)
            .because(error)
    })
}

impl Sink for Kafka {
    fn name(&self) -> String {
        format!("kafka://{}/{}", self.options.brokers, self.options.topic)
    }

    fn batching(&self) -> Batching {
        Batching {
            bytes: self.options.batch,
            linger: self.options.linger,
            in_flight: 4,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        if self.pending.is_empty() {
            // Nothing is settled then.
            self.renew(&mut |_, _| {});
        }
        // Packed, a batch is one message: it arrives as a whole, or not.
        let messages: Vec<&[u8]> = match self.options.key {
            None => vec![batch.bytes],
            Some(_) => batch.bytes.split_inclusive(|&byte| byte == b'\n').collect(),
        };
        let mut pending = Pending {
            since: Instant::now(),
            arrived: Vec::new(),
            out: 0,
            error: None,
        };
        for message in messages {
            let message = message.strip_suffix(b"\n").unwrap_or(message);
            // Of one message nothing can arrive while the rest does not.
            let hash = match self.options.key {
                None => 0,
                Some(_) => hash(message),
            };
            if self.arrived.remove(&hash) {
                pending.arrived.push(hash);
                continue;
            }
            match self.message(
                Delivery {
                    batch: batch.id,
                    hash,
                },
                message,
            ) {
                Ok(()) => pending.out += 1,
                Err(error) => blame(&mut pending.error, verdict(&error)),
            }
        }
        if pending.out == 0 {
            return self.finish(pending).map(|()| Sent::Acknowledged);
        }
        self.pending.insert(batch.id, pending);
        Ok(Sent::Pending)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            self.producer.poll(left.min(LOOK));
            if self.collect(report) | self.renew(report) || left.is_zero() {
                return;
            }
        }
    }

    fn trouble(&mut self) -> Option<String> {
        let oldest = self.pending.values().map(|pending| pending.since).min()?;
        let waits = oldest.elapsed();
        if waits < self.patience || self.told.elapsed() < self.patience {
            return None;
        }
        self.told = Instant::now();
        let (said, code) = self.producer.context().last_said();
        let said = said.map_or_else(String::new, |said| format!("; librdkafka says: {said}"));
        let hint = hint(code.unwrap_or(RDKafkaErrorCode::AllBrokersDown));
        Some(format!(
            "nothing is acknowledged for {} s{said}{hint}",
            waits.as_secs()
        ))
    }
}

/// The value of a line's member, as a record's key. An empty one, and a nil UUID, are none: they would all go to one
/// partition.
fn key(name: &str, line: &[u8]) -> Option<String> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let text = match line.get(name)? {
        serde_json::Value::Null => return None,
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let nil = text.len() == 36 && text.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    (!text.is_empty() && !nil).then_some(text)
}

/// Lines tell themselves apart, by instance, lane and number.
fn hash(bytes: &[u8]) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    hasher.finish128().as_u128()
}

impl fmt::Debug for Kafka {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kafka").field(&self.options).finish()
    }
}
