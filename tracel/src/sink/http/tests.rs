//! The HTTP sink against a small server: what it sends, and what it makes of answers.

use super::*;
use crate::sink::{
    address::Address,
    served::{Request, server},
    url::Url,
};
use std::{io::Read, net::TcpListener, time::Duration};

const LINES: &[u8] = b"{\"a\":1}\n{\"a\":2}\n";

fn options(text: &str) -> Result<Options, Error> {
    Options::parse(Url::parse(text).unwrap())
}

fn sink(text: &str) -> Http {
    Http::with_token(options(text).unwrap(), None).unwrap()
}

#[test]
fn it_posts_a_batch() {
    let (address, requests) = server(vec!["200 OK", "204 No Content", "202 Accepted\n\naccepted"]);
    for compression in ["zstd", "gzip", "none"] {
        let mut sink = sink(&format!("http://{address}/logs/a%20b?compression={compression}"));
        assert_eq!(sink.send(&Batch::new(1, LINES)), Ok(Sent::Acknowledged));
        let request: Request = requests.recv().unwrap();
        assert_eq!(request.target, "/logs/a%20b");
        assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
        assert_eq!(request.header("authorization"), None);
        let encoding = Some(compression).filter(|name| *name != "none");
        assert_eq!(request.header("content-encoding"), encoding);
        let body = match compression {
            "zstd" => zstd::decode_all(&*request.body).unwrap(),
            "gzip" => {
                let mut body = Vec::new();
                flate2::read::GzDecoder::new(&*request.body)
                    .read_to_end(&mut body)
                    .unwrap();
                body
            }
            _ => request.body,
        };
        assert_eq!(body, LINES);
    }
}

#[test]
fn who_posts_is_said_and_never_shown() {
    let (address, requests) = server(vec!["200 OK"; 3]);
    let with_login = options(&format!("http://me:p%40ss@{address}")).unwrap();
    let without = options(&format!("http://{address}")).unwrap();
    let token = || Some("t0ken".to_owned());
    for (options, token, expected) in [
        (with_login.clone(), None, "Basic bWU6cEBzcw=="),
        (with_login, token(), "Basic bWU6cEBzcw=="),
        (without.clone(), token(), "Bearer t0ken"),
    ] {
        let mut sink = Http::with_token(options, token).unwrap();
        assert!(sink.send(&Batch::new(1, LINES)).is_ok());
        assert_eq!(requests.recv().unwrap().header("authorization"), Some(expected));
        let shown = format!("{sink:?} {:?} {}", sink.authorization, sink.name());
        assert!(!shown.contains("p@ss") && !shown.contains("t0ken") && !shown.contains("bWU6"));
    }
    let error = Http::with_token(without, Some("a\nb".into())).unwrap_err();
    assert_eq!(error.place, TOKEN);
}

#[test]
fn addresses() {
    let plain = options("https://h").unwrap();
    assert_eq!(plain.url, "https://h/");
    assert_eq!(plain.compression, Compression::Zstd);
    assert_eq!(options("http://[::1]:9/a").unwrap().url, "http://[::1]:9/a");
    assert_eq!(
        options("http://h/?timeout=5s&linger=1ms").unwrap().timeout,
        Duration::from_secs(5)
    );
    for (bad, way) in [
        ("http:", "http://host:port/path"),
        ("https:///x", "https://host:port/path"),
        ("http://h:x", "host:port"),
        ("http://h?compression=lz4", "gzip"),
        ("http://h?ca=/x.pem", "https://"),
        ("http://h?a=b", "compression"),
    ] {
        let error = options(bad).unwrap_err().to_string();
        assert!(error.contains(way), "{bad}: {error}");
    }
    let open = |text: &str| text.parse::<Address>().unwrap().open().err().unwrap().to_string();
    let error = open("https://me:secret@h/?ca=/nowhere/x.pem");
    assert!(
        error.contains("/nowhere/x.pem") && !error.contains("secret"),
        "{error}"
    );
    let error = open(&format!("https://h/?ca={}", file!().replace("tracel/", "")));
    assert!(error.contains("BEGIN CERTIFICATE"), "{error}");
}

#[test]
fn answers_are_understood() {
    let answers = vec![
        "400 Bad Request\n\nline 2 is no JSON",
        "503 Service Unavailable\nRetry-After: 3",
        "429 Too Many Requests\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT",
        "401 Unauthorized",
        "302 Found\nLocation: http://127.0.0.1:1/",
    ];
    let (address, _requests) = server(answers);
    let mut sink = sink(&format!("http://{address}"));
    let mut send = || sink.send(&Batch::new(1, LINES)).unwrap_err();
    assert!(matches!(send(), SendError::Refused { why } if why.contains("line 2 is no JSON")));
    assert!(matches!(send(), SendError::Retry { after: Some(after), .. } if after.as_secs() == 3));
    assert!(matches!(send(), SendError::Retry { after: Some(after), .. } if after.is_zero()));
    assert!(matches!(send(), SendError::Retry { why, .. } if why.contains(TOKEN)));
    assert!(matches!(send(), SendError::Retry { why, .. } if why.contains("302")));
}

#[test]
fn a_server_that_is_away_or_silent_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It accepts by its backlog, and never answers.
    let mut silent = sink(&format!("http://{address}/?timeout=100ms"));
    assert!(matches!(
        silent.send(&Batch::new(1, LINES)),
        Err(SendError::Retry { .. })
    ));
    // Nor does it speak TLS.
    let mut encrypted = sink(&format!("https://{address}/?timeout=100ms"));
    assert!(matches!(
        encrypted.send(&Batch::new(1, LINES)),
        Err(SendError::Retry { .. })
    ));
    drop(listener);
    assert!(matches!(
        silent.send(&Batch::new(1, LINES)),
        Err(SendError::Retry { .. })
    ));
}

/// As Vector 0.58 answers while ClickHouse has no table.
const BEHIND: &str = "400 Bad Request\n\n{\"code\":400,\"message\":\"Contents failed to deliver to sink\"}";

#[test]
fn a_line_waits_for_what_is_behind_vector_but_not_for_ever() {
    let (address, _requests) = server(vec![BEHIND, BEHIND, BEHIND, BEHIND, "200 OK"]);
    let mut sink = sink(&format!("http://{address}/"));
    let line = Batch::new(2, b"{\"a\":1}\n");
    let refused = |sent| matches!(sent, Err(SendError::Refused { .. }));
    let retried = |sent| matches!(sent, Err(SendError::Retry { .. }));
    assert!(
        refused(sink.send(&Batch::new(1, LINES))),
        "two lines are cut in halves"
    );
    assert!(retried(sink.send(&line)));
    sink.patience = Duration::ZERO;
    assert!(refused(sink.send(&line)), "its time is up");
    sink.patience = PATIENCE;
    assert!(
        retried(sink.send(&Batch::new(3, LINES.split_at(8).0))),
        "the next"
    );
    assert_eq!(sink.send(&line), Ok(Sent::Acknowledged));
}
