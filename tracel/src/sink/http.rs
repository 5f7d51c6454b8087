//! `http://` and `https://` post batches as NDJSON, to Vector's `http_server` source for example. What an answer means is
//! in `verdict`.

mod options;
#[cfg(test)]
mod tests;
mod verdict;

pub use options::{Compression, Options};

use super::{Batch, Batching, SendError, Sent, Sink, retry_after::retry_after};
use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    borrow::Cow,
    env, fmt, fs,
    io::{Read, Write},
    sync::Arc,
    time::{Duration, Instant},
};
use ureq::{
    http::{HeaderValue, header},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};
use verdict::{is_of_what_is_behind, verdict};

/// The variable that holds a bearer token, for addresses without a user.
const TOKEN: &str = "TRACEL_HTTP_TOKEN";

/// For how long a line is sent again that Vector's own sink has refused. A line that is to blame holds the others up for no
/// longer; and where the table or a password is wrong, which costs every line the same answer, they wait.
const PATIENCE: Duration = Duration::from_secs(600);

/// Posts to a server.
pub struct Http {
    options: Options,
    agent: ureq::Agent,
    authorization: Option<HeaderValue>,
    zstd: Option<zstd::bulk::Compressor<'static>>,
    /// The line that is sent again, and since when.
    again: Option<(u64, Instant)>,
    patience: Duration,
}

impl Http {
    /// Takes the token from `TRACEL_HTTP_TOKEN`. The server is asked for nothing before the first batch.
    ///
    /// # Errors
    /// When the token or the file of certificates is of no use.
    pub fn open(options: Options) -> Result<Self, Error> {
        let token = env::var(TOKEN).ok().filter(|token| !token.is_empty());
        Http::with_token(options, token)
    }

    fn with_token(options: Options, token: Option<String>) -> Result<Self, Error> {
        let tls = match &options.ca {
            None => RootCerts::PlatformVerifier,
            Some(path) => RootCerts::Specific(Arc::new(certificates(path)?)),
        };
        let config = ureq::Agent::config_builder()
            .user_agent(concat!("tracel/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(options.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy of the machine's is for the way out, not for the log's.
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(tls).build())
            .build();
        let zstd = (options.compression == Compression::Zstd)
            .then(|| zstd::bulk::Compressor::new(zstd::DEFAULT_COMPRESSION_LEVEL))
            .transpose()
            .map_err(|error| Error::new("zstd cannot be had").because(error))?;
        Ok(Http {
            authorization: authorization(&options, token)?,
            options,
            agent: ureq::Agent::new_with_config(config),
            zstd,
            again: None,
            patience: PATIENCE,
        })
    }

    fn post(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        let body = self.body(bytes).map_err(SendError::retry)?;
        let mut request = self
            .agent
            .post(&self.options.url)
            .header(header::CONTENT_TYPE, "application/x-ndjson");
        if let Some(encoding) = self.options.compression.encoding() {
            request = request.header(header::CONTENT_ENCODING, encoding);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let mut response = request.send(&*body).map_err(SendError::retry)?;
        let (status, after) = (response.status(), retry_after(response.headers()));
        let mut text = Vec::new();
        // Read to its end, a short answer leaves the connection for the next batch. One that cannot be read, or is
        // longer, changes nothing.
        _ = response.body_mut().as_reader().take(4096).read_to_end(&mut text);
        if status.is_success() {
            return Ok(());
        }
        Err(verdict(status.as_u16(), &String::from_utf8_lossy(&text), after))
    }

    /// Whether there is patience left for a line.
    fn waits_for(&mut self, id: u64) -> bool {
        let again = self.again.filter(|(again, _)| *again == id);
        let (_, since) = *self.again.insert(again.unwrap_or((id, Instant::now())));
        since.elapsed() < self.patience
    }

    fn body<'a>(&mut self, bytes: &'a [u8]) -> std::io::Result<Cow<'a, [u8]>> {
        Ok(match (&mut self.zstd, self.options.compression) {
            (Some(zstd), _) => zstd.compress(bytes)?.into(),
            (None, Compression::Gzip) => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                gzip.write_all(bytes)?;
                gzip.finish()?.into()
            }
            _ => bytes.into(),
        })
    }
}

/// The address's login, else the token.
fn authorization(options: &Options, token: Option<String>) -> Result<Option<HeaderValue>, Error> {
    let text = match (&options.login, token) {
        (Some((user, password)), _) => format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        (None, Some(token)) => format!("Bearer {token}"),
        (None, None) => return Ok(None),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        Error::new("the token holds characters that no header takes")
            .at(TOKEN)
            .help("set it without line feeds")
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Those of a PEM file.
fn certificates(path: &str) -> Result<Vec<Certificate<'static>>, Error> {
    let pem = fs::read(path).map_err(|error| {
        Error::new("the certificates cannot be read")
            .at(path)
            .because(error)
    })?;
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(Error::new("the file holds no certificate")
            .at(path)
            .help("it is to be PEM: -----BEGIN CERTIFICATE-----"));
    }
    Ok(found)
}

impl Sink for Http {
    fn name(&self) -> String {
        self.options.url.clone()
    }

    fn batching(&self) -> Batching {
        Batching {
            bytes: self.options.batch,
            linger: self.options.linger,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        match self.post(batch.bytes) {
            Ok(()) => Ok(Sent::Acknowledged),
            // A batch is cut down to one line first: it may be to blame.
            Err(SendError::Refused { why })
                if batch.lines == 1 && is_of_what_is_behind(&why) && self.waits_for(batch.id) =>
            {
                Err(SendError::retry(why))
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.options).finish()
    }
}
