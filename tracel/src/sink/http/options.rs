//! What an `http://` or `https://` address says.

use crate::{Error, sink::url::Url, units};
use std::{fmt, fmt::Write, time::Duration};

/// Where to post, and how.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The URL, without user and parameters.
    pub url: String,
    /// User and password of basic authentication.
    pub login: Option<(String, String)>,
    /// How bodies are compressed (`compression=zstd`).
    pub compression: Compression,
    /// A PEM file with the certificates to trust, instead of the system's (`ca=/etc/ssl/own.pem`).
    pub ca: Option<String>,
    /// How long one request may take (`timeout=30s`).
    pub timeout: Duration,
    /// How long records wait for others, so that requests are few (`linger=500ms`).
    pub linger: Duration,
    /// Bytes, uncompressed, from which on a batch is full (`batch=1MiB`).
    pub batch: usize,
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// By gzip.
    Gzip,
    /// By zstd.
    Zstd,
}

impl Compression {
    /// As `Content-Encoding` names it.
    pub(super) fn encoding(self) -> Option<&'static str> {
        match self {
            Compression::None => None,
            Compression::Gzip => Some("gzip"),
            Compression::Zstd => Some("zstd"),
        }
    }
}

impl Options {
    pub(in crate::sink) fn parse(mut url: Url) -> Result<Self, Error> {
        let scheme = url.scheme.clone();
        let form = format!("write {scheme}://host:port/path");
        if url.host.is_empty() {
            return Err(Error::new(format!("`{scheme}:` needs a host")).help(form));
        }
        let path = if url.path.is_empty() { "/" } else { &url.path };
        let target = format!("{scheme}://{}{}", url.host, encode(path));
        let uri = target.parse::<ureq::http::Uri>().ok();
        // A port is looked at only when it is asked for.
        let after_host = url.host.rfind(']').unwrap_or(0);
        let has_port = url.host[after_host..].contains(':');
        if uri.is_none_or(|uri| has_port && uri.port_u16().is_none()) {
            return Err(Error::new(format!("`{}` is no host and port", url.host)).help(form));
        }
        let login = url
            .user
            .take()
            .map(|user| (user, url.password.take().unwrap_or_default()));
        let mut options = Options {
            url: target,
            login,
            compression: Compression::Zstd,
            ca: url.take("ca"),
            timeout: Duration::from_secs(30),
            linger: Duration::from_millis(500),
            batch: 1 << 20,
        };
        if options.ca.is_some() && scheme == "http" {
            return Err(Error::new("`ca` is for https:// alone").help("write https://, or leave it out"));
        }
        if let Some(text) = url.take("compression") {
            options.compression = match text.as_str() {
                "none" => Compression::None,
                "gzip" => Compression::Gzip,
                "zstd" => Compression::Zstd,
                _ => {
                    return Err(Error::new(format!("`{text}` is no compression of this sink"))
                        .help("write zstd, gzip or none"));
                }
            };
        }
        if let Some(text) = url.take("timeout") {
            options.timeout = units::duration(&text)?;
        }
        if let Some(text) = url.take("linger") {
            options.linger = units::duration(&text)?;
        }
        if let Some(text) = url.take("batch") {
            options.batch = units::size(&text)? as usize;
        }
        url.finish(&["compression", "ca", "timeout", "linger", "batch"])?;
        Ok(options)
    }
}

/// A path as a URL holds it.
fn encode(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b':' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
            | b'*' | b'+' | b',' | b';' | b'=' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            // A String takes everything.
            _ => _ = write!(out, "%{byte:02X}"),
        }
        out
    })
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Options({})", self.url)
    }
}
