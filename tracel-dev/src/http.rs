//! ClickHouse's HTTP interface over the engine: what Vector, the official `clickhouse` crate and curl send, and no
//! more. What a request says is read in `request`, and run here.

mod body;
mod fault;
mod frames;
mod request;
mod statement;

use crate::engine::{Answer, Engine};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, Method, Request as HttpRequest, StatusCode, header},
    response::Response,
};
use fault::Fault;
use request::{Request, quote};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What every request needs.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) engine: Arc<Engine>,
    /// The most bytes that a body may hold.
    pub(crate) max_body: usize,
}

/// The service: one handler, as ClickHouse tells its paths apart by hand too.
pub(crate) fn router(front: Front) -> Router {
    Router::new().fallback(handle).with_state(front)
}

async fn handle(State(front): State<Front>, request: HttpRequest<Body>) -> Response {
    let (head, body) = request.into_parts();
    let address = head.uri.query().unwrap_or_default();
    match head.uri.path() {
        "/ping" | "/replicas_status" => return plain(StatusCode::OK, "Ok.\n"),
        "/" => {}
        path => {
            let text = format!(
                "There is no handler for {path}: queries go to /, and /ping says whether this server is up\n"
            );
            return plain(StatusCode::NOT_FOUND, text);
        }
    }
    if ![Method::GET, Method::POST, Method::HEAD].contains(&head.method) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Send queries by GET or POST\n");
    }
    let fits = |length: &HeaderValue| {
        length
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .is_none_or(|length: usize| length <= front.max_body)
    };
    if !head.headers.get(header::CONTENT_LENGTH).is_none_or(fits) {
        return refuse(&Fault::too_large(front.max_body));
    }
    let body = match read_body(body, front.max_body).await {
        Ok(body) => body,
        Err(fault) => return refuse(&fault),
    };
    if head.method == Method::GET && address.is_empty() && body.is_empty() {
        return plain(StatusCode::OK, "Ok.\n");
    }
    let address = address.to_string();
    let task = tokio::task::spawn_blocking(move || {
        let accept = head
            .headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok());
        Request::read(&head.method, &address, &head.headers, body, front.max_body)
            .and_then(|request| run(&front.engine, request, accept.unwrap_or_default()))
    });
    match task.await {
        Ok(Ok(response)) => response,
        Ok(Err(fault)) => refuse(&fault),
        Err(error) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The request failed: {error}\n"),
        ),
    }
}

/// Reads a whole body, plain or chunked.
async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, Fault> {
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if error.to_string().contains("length limit") => Err(Fault::too_large(limit)),
        Err(error) => Err(Fault::new(
            95,
            "CANNOT_READ_FROM_SOCKET",
            format!("Cannot read the body: {error}"),
        )),
    }
}

/// Runs one request in a session of its own.
fn run(engine: &Arc<Engine>, request: Request, accept: &str) -> Result<Response, Fault> {
    let start = Instant::now();
    let Request {
        query,
        body,
        parameters,
        ..
    } = &request;
    let mut connection = engine.connect().map_err(Fault::of_engine)?;
    if let Some(database) = request
        .database
        .as_deref()
        .filter(|name| !name.is_empty() && *name != "default")
    {
        let sql = format!("USE {}", quote(database, '`'));
        connection
            .query(sql.as_bytes(), "Null", &[])
            .map_err(Fault::of_engine)?;
    }
    // The statement may stand in the address, in the body, or begin in the one and end in the other. Rows behind a
    // whole INSERT are not copied.
    let (head, rest) = if query.is_empty() {
        (body.as_slice(), &[][..])
    } else {
        (query.as_slice(), body.as_slice())
    };
    let joined;
    let (sql, insert, rows) = match statement::split_insert(head) {
        Some(insert) if insert.is_complete || rest.is_empty() => (head, Some(insert), rest),
        _ => {
            joined = [head, rest].join(&b'\n');
            (joined.as_slice(), statement::split_insert(&joined), &[][..])
        }
    };
    if let Some(settings) = request.set_statement(insert.is_some())? {
        connection
            .query(settings.as_bytes(), "Null", &[])
            .map_err(Fault::of_engine)?;
    }
    let default_format = request.format.as_deref().unwrap_or("TabSeparated");
    let (answer, format) = if let Some(insert) = insert {
        let answer = connection.insert(insert.statement, insert.format, parameters, &[insert.rows, rows]);
        (answer.map_err(Fault::of_engine)?, insert.format.to_string())
    } else {
        if sql.iter().all(u8::is_ascii_whitespace) {
            return Err(Fault::syntax("Syntax error: empty query"));
        }
        if connection.count_statements(sql) > 1 {
            return Err(Fault::syntax(
                "Syntax error (Multi-statements are not allowed): send one statement a request",
            ));
        }
        let format = statement::named_format(sql).unwrap_or(default_format).to_string();
        (
            connection
                .query(sql, default_format, parameters)
                .map_err(Fault::of_engine)?,
            format,
        )
    };
    Ok(respond(&request, accept, answer, &format, start.elapsed()))
}

fn respond(request: &Request, accept: &str, answer: Answer, format: &str, elapsed: Duration) -> Response {
    let summary = format!(
        "{{\"read_rows\":\"{}\",\"read_bytes\":\"{}\",\"written_rows\":\"{}\",\"written_bytes\":\"0\",\
         \"total_rows_to_read\":\"0\",\"result_rows\":\"0\",\"result_bytes\":\"{}\",\"elapsed_ns\":\"{}\"}}",
        answer.rows_read,
        answer.bytes_read,
        answer.rows_written,
        answer.data.len(),
        elapsed.as_nanos()
    );
    let query_id = request
        .query_id
        .clone()
        .unwrap_or_else(|| format!("{:032x}", fastrand::u128(..)));
    let mut headers = vec![
        ("content-type", content_type(format).to_string()),
        ("x-clickhouse-query-id", query_id),
        ("x-clickhouse-format", format.to_string()),
        ("x-clickhouse-timezone", "UTC".to_string()),
        ("x-clickhouse-server-display-name", "tracel-dev".to_string()),
        ("x-clickhouse-summary", summary),
    ];
    let body = if request.compress {
        frames::compress(&answer.data)
    } else if request.encode {
        match body::encode(accept, answer.data) {
            Ok((body, encoding)) => {
                headers.extend(encoding.map(|name| ("content-encoding", name.to_string())));
                body
            }
            Err(error) => {
                return plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    format!("Cannot compress: {error}\n"),
                );
            }
        }
    } else {
        answer.data
    };
    reply(StatusCode::OK, headers, body)
}

fn content_type(format: &str) -> &'static str {
    match format {
        "JSON" | "JSONCompact" | "JSONStrings" | "JSONColumns" => "application/json; charset=UTF-8",
        "JSONEachRow" | "JSONCompactEachRow" | "JSONLines" | "NDJSON" => {
            "application/x-ndjson; charset=UTF-8"
        }
        "CSV" | "CSVWithNames" | "CSVWithNamesAndTypes" => "text/csv; charset=UTF-8; header=absent",
        name if name.starts_with("TabSeparated") || name.starts_with("TSV") => {
            "text/tab-separated-values; charset=UTF-8"
        }
        name if name.starts_with("RowBinary") || name == "Native" || name == "Parquet" => {
            "application/octet-stream"
        }
        _ => "text/plain; charset=UTF-8",
    }
}

fn refuse(fault: &Fault) -> Response {
    let headers = vec![
        ("content-type", "text/plain; charset=UTF-8".to_string()),
        ("x-clickhouse-exception-code", fault.code.to_string()),
    ];
    reply(
        fault.status(),
        headers,
        format!("{}\n", fault.text.trim_end()).into_bytes(),
    )
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    reply(
        status,
        vec![("content-type", "text/plain; charset=UTF-8".to_string())],
        text.into().into_bytes(),
    )
}

fn reply(status: StatusCode, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        // A value that no header can hold (a client chose the query's id) is left out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
