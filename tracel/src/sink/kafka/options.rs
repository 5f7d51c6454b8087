//! What a `kafka://` address says, and librdkafka's configuration for it.

use crate::{Error, sink::url::Url, units};
use rdkafka::{ClientConfig, config::RDKafkaLogLevel};
use std::{fmt, time::Duration};

/// Bytes that the last line of a batch may lie beyond it, and some more.
const BEYOND: usize = 100_000;

/// Where to produce, and how.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Brokers to begin with, as in `one:9092,two:9092`.
    pub brokers: String,
    /// The topic.
    pub topic: String,
    /// User and password of SASL.
    pub login: Option<(String, String)>,
    /// SASL's mechanism (`sasl=PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`).
    pub sasl: String,
    /// Whether the connection is encrypted (`tls=true`); implied by `ca`.
    pub tls: bool,
    /// A PEM file with the certificates to trust, instead of the system's (`ca=/etc/ssl/own.pem`).
    pub ca: Option<String>,
    /// The member of a record that is its key, one record a message (`key=event_id`); without it messages hold many records,
    /// and have no key.
    pub key: Option<String>,
    /// How messages are compressed (`compression=zstd`).
    pub compression: Compression,
    /// How long records wait for others, so that messages are few (`linger=100ms`).
    pub linger: Duration,
    /// Bytes, uncompressed, from which on a batch, and so a message, is full (`batch=900kB`).
    pub batch: usize,
    /// Other settings of librdkafka (`rdkafka.client.id=pay`), which win over what stands here.
    pub properties: Vec<(String, String)>,
}

/// How messages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// By LZ4.
    Lz4,
    /// By zstd.
    Zstd,
}

impl Options {
    pub(in crate::sink) fn parse(mut url: Url) -> Result<Self, Error> {
        let form = "write kafka://broker1:9092,broker2:9092/topic";
        if url.host.split(',').any(str::is_empty) {
            return Err(Error::new("`kafka:` needs a broker").help(form));
        }
        let topic = url.path.trim_matches('/');
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        // What Kafka takes as a topic: org.apache.kafka.common.internals.Topic.
        if topic.is_empty() || topic.len() > 249 || !topic.bytes().all(fits) {
            return Err(Error::new(format!("`{topic}` is no topic")).help(form));
        }
        let login = url
            .user
            .take()
            .map(|user| (user, url.password.take().unwrap_or_default()));
        let mut options = Options {
            brokers: url.host.clone(),
            topic: topic.to_owned(),
            login,
            sasl: url
                .take("sasl")
                .unwrap_or_else(|| "PLAIN".into())
                .to_ascii_uppercase(),
            tls: false,
            ca: url.take("ca"),
            key: url.take("key"),
            compression: Compression::Zstd,
            linger: Duration::from_millis(100),
            batch: 900_000,
            properties: url.take_below("rdkafka."),
        };
        options.tls = match url.take("tls").as_deref() {
            None => options.ca.is_some(),
            Some("true") => true,
            Some("false") => false,
            Some(text) => {
                return Err(
                    Error::new(format!("`tls={text}` is neither true nor false")).help("write tls=true")
                );
            }
        };
        if let Some(text) = url.take("compression") {
            options.compression = match text.as_str() {
                "none" => Compression::None,
                "lz4" => Compression::Lz4,
                "zstd" => Compression::Zstd,
                _ => {
                    return Err(Error::new(format!("`{text}` is no compression of this sink"))
                        .help("write zstd, lz4 or none"));
                }
            };
        }
        if let Some(text) = url.take("linger") {
            options.linger = units::duration(&text)?;
        }
        if let Some(text) = url.take("batch") {
            options.batch = units::size(&text)? as usize;
        }
        url.finish(&[
            "key",
            "compression",
            "tls",
            "ca",
            "sasl",
            "linger",
            "batch",
            "rdkafka.NAME",
        ])?;
        Ok(options)
    }

    /// # Errors
    /// When parameters contradict each other.
    pub(super) fn config(&self) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::new();
        // Those are kept for people, and go nowhere else; what librdkafka would log depends on the crate `log` otherwise.
        config.set_log_level(RDKafkaLogLevel::Warning);
        let compression = match self.compression {
            Compression::None => "none",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        };
        let packed = self.key.is_none();
        let settings = [
            ("bootstrap.servers", self.brokers.as_str()),
            ("client.id", "tracel"),
            ("enable.idempotence", "true"),
            // librdkafka does not give up: only what it never gave up is not sent twice.
            ("message.timeout.ms", "0"),
            ("compression.codec", compression),
            // The Java client's, so that a key has one partition, whoever writes it.
            ("partitioner", "murmur2_random"),
            // A packed message is a set of its own: refused for its size, it is the one to blame.
            ("batch.num.messages", if packed { "1" } else { "10000" }),
            ("linger.ms", if packed { "0" } else { "20" }),
            ("reconnect.backoff.max.ms", "3000"),
            // How soon a topic that was missing is seen.
            ("topic.metadata.refresh.interval.ms", "10000"),
            ("socket.keepalive.enable", "true"),
            // They tell the producer's epoch, see `reports`.
            ("statistics.interval.ms", "1000"),
        ];
        for (name, value) in settings {
            config.set(name, value);
        }
        // The default is 1,000,000.
        config.set("message.max.bytes", (self.batch + BEYOND).to_string());
        let protocol = match (self.tls, self.login.is_some()) {
            (false, false) => "plaintext",
            (false, true) => "sasl_plaintext",
            (true, false) => "ssl",
            (true, true) => "sasl_ssl",
        };
        config.set("security.protocol", protocol);
        if let Some((user, password)) = &self.login {
            config.set("sasl.mechanism", &self.sasl);
            config.set("sasl.username", user).set("sasl.password", password);
        }
        if let Some(ca) = &self.ca {
            if !self.tls {
                return Err(Error::new("`ca` is for TLS alone").help("write tls=true, or leave it out"));
            }
            config.set("ssl.ca.location", ca);
        }
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        Ok(config)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Options(kafka://{}/{})", self.brokers, self.topic)
    }
}
