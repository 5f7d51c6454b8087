//! From log macros through the sinks `http://` and `https://` into a server that is not always well.
#![allow(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "the server runs on a thread of its own")]

mod logs {
    tracel::include_schema!();
}

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use logs::SCHEMA;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};
use tracel::{log_info, sink::Address};
use tracel_tests::{complete, strict};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// Logs with this sink alone, and waits until it has all.
fn log_to(address: &str, folder: &Path, log: impl FnOnce()) {
    let address: Address = address.parse().expect("an address");
    let (layer, guard) = tracel::init(SCHEMA)
        .sink_with(address.open_in(folder).expect("a sink"))
        .build()
        .expect("a log");
    let subscriber = tracing_subscriber::registry().with(layer);
    dispatcher::with_default(&Dispatch::new(subscriber), log);
    guard.flush(Duration::from_secs(30)).expect("flushed");
}

/// A server that is overloaded at each third request, and refuses whatever holds a poisoned record.
fn moody(received: Arc<Mutex<Vec<u8>>>) -> (String, Arc<AtomicU64>) {
    let overloaded = Arc::new(AtomicU64::new(0));
    let (counter, requests) = (Arc::clone(&overloaded), AtomicU64::new(1));
    let answer = async move |headers: HeaderMap, body: Bytes| {
        assert_eq!(headers["content-encoding"], "zstd");
        let body = zstd::decode_all(&*body).expect("zstd");
        if requests.fetch_add(1, Relaxed) % 3 == 0 {
            counter.fetch_add(1, Relaxed);
            return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response();
        }
        if String::from_utf8_lossy(&body).contains("poison") {
            return (StatusCode::BAD_REQUEST, "poison!").into_response();
        }
        received.lock().expect("the records").extend_from_slice(&body);
        StatusCode::OK.into_response()
    };
    let answer = Arc::new(answer);
    let router = Router::new().route(
        "/logs",
        post(move |headers: HeaderMap, body: Bytes| {
            let answer = Arc::clone(&answer);
            async move { answer(headers, body).await }
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            axum::serve(listener, router).await.expect("serves");
        });
    });
    (address, overloaded)
}

#[test]
fn each_record_arrives_once_or_is_set_aside_and_announced() {
    let received = Arc::default();
    let (address, overloaded) = moody(Arc::clone(&received));
    let folder = tempfile::tempdir().expect("a folder");
    let options = "linger=5ms&batch=16KiB";
    log_to(&format!("http://{address}/logs?{options}"), folder.path(), || {
        for attempt in 0..2000_u32 {
            match attempt % 400 {
                7 => log_info!(SysLog("a try", attempt, reason = "poison")),
                _ => log_info!(SysLog("a try", attempt)),
            }
        }
    });
    let text = String::from_utf8(received.lock().expect("the records").clone()).expect("UTF-8");
    let (records, announced) = complete(text.lines());
    let tries = records
        .iter()
        .filter(|record| record["message"] == "a try")
        .count();
    assert_eq!((tries, announced), (1995, 5));
    assert!(overloaded.load(Relaxed) > 3, "it was overloaded at times");
    let aside = fs::read_to_string(folder.path().join("refused.ndjson")).expect("the refused");
    let aside: Vec<Value> = aside.lines().map(strict).collect();
    let attempts: Vec<u64> = aside
        .iter()
        .map(|entry| {
            assert_eq!(entry["why"], "HTTP status 400: poison!");
            entry["record"]["metadata"]["attempt"]
                .as_u64()
                .expect("an attempt")
        })
        .collect();
    assert_eq!(attempts, [7, 407, 807, 1207, 1607]);
}

/// A server that speaks TLS, and tells what it is sent.
fn encrypted(requests: Sender<(Vec<String>, Vec<u8>)>) -> (u16, String) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = own.signing_key.serialize_der().try_into().expect("a key");
    let config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            // One that does not trust the certificate hangs up.
            _ = answer(StreamOwned::new(connection, stream), &requests);
        }
    });
    (port, own.cert.pem())
}

fn answer(
    stream: StreamOwned<ServerConnection, std::net::TcpStream>,
    requests: &Sender<(Vec<String>, Vec<u8>)>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        let mut line = String::new();
        while stream.read_line(&mut line)? > 2 {
            head.push(line.trim_end().to_ascii_lowercase());
            line.clear();
        }
        let Some(length) = head.iter().find_map(|line| line.strip_prefix("content-length: ")) else {
            return Ok(());
        };
        let mut body = vec![0; length.parse().unwrap_or_default()];
        stream.read_exact(&mut body)?;
        _ = requests.send((head, body));
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        stream.get_mut().flush()?;
    }
}

#[test]
fn over_tls_to_whom_the_certificate_names() {
    let (sender, requests) = channel();
    let (port, certificate) = encrypted(sender);
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, certificate).expect("the certificate");
    let address = format!("https://me:secret@localhost:{port}/logs?compression=none&linger=1ms");
    log_to(&format!("{address}&ca={}", ca.display()), folder.path(), || {
        log_info!(SysLog("over TLS", ok = true));
    });
    let (head, body) = requests.iter().next().expect("a request");
    assert!(head[0].starts_with("post /logs "), "{head:?}");
    assert!(
        head.contains(&"authorization: basic bwu6c2vjcmv0".to_owned()),
        "{head:?}"
    );
    assert!(String::from_utf8_lossy(&body).contains("over TLS"));

    // The system does not know this certificate: nothing is sent, and nothing lost.
    let mut sink = address
        .parse::<Address>()
        .expect("an address")
        .open()
        .expect("a sink");
    let batch = tracel::sink::Batch::new(1, b"{}\n");
    let error = sink.send(&batch).expect_err("it is not trusted").to_string();
    assert!(
        error.to_lowercase().contains("cert") && !error.contains("secret"),
        "{error}"
    );
    assert!(requests.try_iter().all(|(_, body)| body != b"{}\n"));
}
