//! One request, read: its statement, parameters and settings, wherever ClickHouse lets a client put them.

use super::{body, fault::Fault, frames};
use axum::http::{HeaderMap, Method};

/// What a client asks for.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The text in the address (or form), or else empty.
    pub(super) query: Vec<u8>,
    /// What follows it in the body: more of the text, or rows.
    pub(super) body: Vec<u8>,
    pub(super) database: Option<String>,
    pub(super) format: Option<String>,
    pub(super) query_id: Option<String>,
    /// Values of `{name:Type}`.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) is_get: bool,
    /// Whether the answer goes out in ClickHouse's own compressed blocks.
    pub(super) compress: bool,
    /// Whether the answer may be encoded as the client accepts.
    pub(super) encode: bool,
}

/// Parameters of the address that are neither settings nor taken here. The engine has no users, quotas or roles.
const IGNORED: [&str; 8] = [
    "user",
    "password",
    "quota_key",
    "role",
    "stacktrace",
    "buffer_size",
    "close_session",
    "client_protocol_version",
];

impl Request {
    /// Reads a request. `limit` is the most bytes that its body may hold, also once it is decompressed.
    pub(super) fn read(
        method: &Method,
        address: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Request, Fault> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut body = body::decode(header("content-encoding").unwrap_or_default(), body, limit)?;
        let mut fields: Vec<(String, String)> =
            form_urlencoded::parse(address.as_bytes()).into_owned().collect();
        let content_type = header("content-type").unwrap_or_default();
        if content_type.starts_with("multipart/form-data") {
            fields.extend(body::form(content_type, &body)?);
            body.clear();
        }
        let mut request = Request {
            database: header("x-clickhouse-database").map(str::to_string),
            format: header("x-clickhouse-format").map(str::to_string),
            encode: true,
            ..Request::default()
        };
        let mut decompress = false;
        for (name, value) in fields {
            let is_on = matches!(value.as_str(), "1" | "true");
            match name.as_str() {
                "query" => request.query.extend(value.as_bytes()),
                "database" => request.database = Some(value),
                "default_format" => request.format = Some(value),
                "query_id" => request.query_id = Some(value),
                "compress" => request.compress = is_on,
                "decompress" => decompress = is_on,
                "enable_http_compression" => request.encode = is_on,
                "session_id" | "session_timeout" | "session_check" => {
                    return Err(Fault::not_implemented(
                        "Sessions over HTTP: this server keeps nothing between requests; send settings with each",
                    ));
                }
                name if IGNORED.contains(&name) => {}
                _ => match name.strip_prefix("param_") {
                    Some(parameter) => request.parameters.push((parameter.to_string(), value)),
                    None => request.settings.push((name, value)),
                },
            }
        }
        if decompress {
            body = frames::decompress(&body, limit)?;
        }
        request.body = body;
        request.is_get = method == Method::GET;
        Ok(request)
    }

    /// The statement that applies the settings; `None` without settings.
    pub(super) fn set_statement(&self, is_insert: bool) -> Result<Option<String>, Fault> {
        let (readonly, others): (Vec<_>, Vec<_>) =
            self.settings.iter().partition(|(name, _)| name == "readonly");
        // Nothing can be set after it.
        let mut parts = Vec::with_capacity(self.settings.len() + 1);
        for (name, value) in others.into_iter().chain(readonly.iter().copied()) {
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(Fault::new(
                    115,
                    "UNKNOWN_SETTING",
                    format!("Unknown setting '{name}'"),
                ));
            }
            parts.push(format!("{name} = {}", quote(value, '\'')));
        }
        if self.is_get && readonly.is_empty() && !is_insert {
            // As ClickHouse has it: a link that somebody follows changes nothing.
            parts.push("readonly = 2".into());
        }
        Ok((!parts.is_empty()).then(|| format!("SET {}", parts.join(", "))))
    }
}

/// `text` as a literal ('\'') or an identifier ('`') of ClickHouse.
pub(super) fn quote(text: &str, mark: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    for c in text.chars() {
        if c == mark || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(mark);
    out
}
