//! The parts of an address, as text. What they mean is each sink's to say.

use crate::Error;

/// `scheme:[//[user[:password]@]host][path][?key=value&…]`, percent-decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// With the port.
    pub(super) host: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
}

impl Url {
    /// # Errors
    /// When a percent sign is not followed by two hexadecimal digits, or the text is not UTF-8 after that.
    pub(super) fn parse(text: &str) -> Result<Url, Error> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.strip_prefix("//") {
            None => ("", rest),
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        };
        // A password may hold an @ of its own.
        let (login, host) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(login, host)| (Some(login), host));
        let login = login.map(|login| {
            login
                .split_once(':')
                .map_or((login, None), |(user, password)| (user, Some(password)))
        });
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(key)?, decode(value)?));
        }
        Ok(Url {
            scheme: scheme.to_ascii_lowercase(),
            user: login.map(|(user, _)| decode(user)).transpose()?,
            password: login.and_then(|(_, password)| password).map(decode).transpose()?,
            host: decode(host)?,
            path: decode(path)?,
            query: pairs,
        })
    }

    /// Takes a parameter out; the last one of that name counts.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let found = self.query.iter().rposition(|(name, _)| name == key)?;
        let value = self.query.swap_remove(found).1;
        self.query.retain(|(name, _)| name != key);
        Some(value)
    }

    /// Takes out the parameters whose names begin so, without that beginning.
    #[cfg(feature = "kafka")]
    pub(super) fn take_below(&mut self, prefix: &str) -> Vec<(String, String)> {
        let pairs = std::mem::take(&mut self.query).into_iter();
        let (below, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name.starts_with(prefix));
        self.query = others;
        let below = below.into_iter();
        below
            .map(|(name, value)| (name[prefix.len()..].to_owned(), value))
            .collect()
    }

    /// # Errors
    /// When a parameter was not taken: names it, and those that there are.
    pub(super) fn finish(self, known: &[&str]) -> Result<(), Error> {
        let Some((key, _)) = self.query.first() else {
            return Ok(());
        };
        let known = if known.is_empty() {
            "it takes none".into()
        } else {
            format!("it takes {}", known.join(", "))
        };
        Err(Error::new(format!("a `{}:` sink has no parameter `{key}`", self.scheme)).help(known))
    }
}

fn decode(text: &str) -> Result<String, Error> {
    // The text is not shown: it may be a password.
    let wrong =
        |what: &str| Error::new(format!("a part of the address {what}")).help("write a percent sign as %25");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| rest.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return Err(wrong("has a percent sign without two hexadecimal digits"));
        };
        bytes.push((high * 16 + low) as u8);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 when decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let mut url = Url::parse("ClickHouse://me:p%40s:s@[::1]:8123/db/logs%20x?a=1&b=%26&a=2").unwrap();
        assert_eq!(url.scheme, "clickhouse");
        assert_eq!(
            (url.user.as_deref(), url.password.as_deref()),
            (Some("me"), Some("p@s:s"))
        );
        assert_eq!(
            (url.host.as_str(), url.path.as_str()),
            ("[::1]:8123", "/db/logs x")
        );
        assert_eq!(url.take("a").as_deref(), Some("2"));
        assert_eq!(url.take("a"), None);
        let error = url.finish(&["a"]).unwrap_err().to_string();
        assert!(error.contains("`b`") && error.contains("it takes a"), "{error}");
        assert_eq!(Url::parse("stdout:").unwrap().scheme, "stdout");
        assert_eq!(Url::parse("file:logs/x.ndjson").unwrap().path, "logs/x.ndjson");
        assert!(Url::parse("file:///100%").is_err());
        assert!(Url::parse("file:///%ff").is_err());
        for odd in ["", ":", "?", "//", "x://@", "x://:@:", "x:?&&=", "é://%C3%A9"] {
            assert!(Url::parse(odd).is_ok(), "{odd}");
        }
    }
}
