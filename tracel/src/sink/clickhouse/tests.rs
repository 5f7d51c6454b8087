//! The ClickHouse sink against a small HTTP server of its own: what it sends, and what it makes of answers.

use super::*;
use crate::sink::served::{Request, server};
use std::net::TcpListener;

impl Request {
    fn parameter(&self, name: &str) -> Option<String> {
        let mut url = Url::parse(&format!("http://h{}", self.target.replace('+', "%20"))).unwrap();
        url.take(name)
    }
}

fn sink(address: &str) -> ClickHouse {
    let url = Url::parse(&format!("clickhouse://{address}")).unwrap();
    ClickHouse::new(Options::parse(url).unwrap())
}

const LINES: &[u8] = b"{\"a\":1}\n{\"a\":2}\n";

#[test]
fn it_inserts_a_batch() {
    let (address, requests) = server(vec!["200 OK", "200 OK", "200 OK"]);
    let mut sink = sink(&format!("me:p%40ss@{address}/db/my%60table"));
    assert!(!format!("{:?} {}", sink.options, sink.name()).contains("p@ss"));
    for lines in [LINES, LINES, b"{}\n"] {
        assert_eq!(sink.send(&Batch::new(1, lines)), Ok(Sent::Acknowledged));
    }
    let requests: Vec<Request> = requests.iter().take(3).collect();
    let first = &requests[0];
    assert_eq!(first.body, LINES);
    assert_eq!(
        first.parameter("query").unwrap(),
        "INSERT INTO `db`.`my\\`table` FORMAT JSONEachRow"
    );
    assert_eq!(first.parameter("date_time_input_format").unwrap(), "best_effort");
    assert_eq!(first.parameter("wait_for_async_insert").unwrap(), "1");
    for infer in ["input_format_try_infer_dates", "input_format_try_infer_datetimes"] {
        assert_eq!(
            first.parameter(infer).unwrap(),
            "0",
            "a text stays as it was written"
        );
    }
    assert_eq!(first.header("x-clickhouse-user"), Some("me"));
    assert_eq!(first.header("x-clickhouse-key"), Some("p@ss"));
    assert!(
        !first.target.contains("ss"),
        "no password in an address, which servers log"
    );
    let token = |at: usize| requests[at].parameter("insert_deduplication_token").unwrap();
    assert_eq!(
        token(0),
        token(1),
        "a batch that is sent again has the same token"
    );
    assert_ne!(token(0), token(2));
}

#[test]
fn what_is_not_said_is_clickhouses_default() {
    let options = |text| Options::parse(Url::parse(text).unwrap());
    let plain = options("clickhouse://h").unwrap();
    assert_eq!(
        (plain.host.as_str(), plain.database.as_str(), plain.table.as_str()),
        ("h:8123", "default", "logs")
    );
    assert_eq!((plain.user, plain.password), (None, None));
    assert_eq!(options("clickhouse://[::1]/db").unwrap().host, "[::1]:8123");
    assert_eq!(options("clickhouse://[::1]:9/db").unwrap().host, "[::1]:9");
    assert_eq!(
        options("clickhouse://h/?timeout=5s&linger=1ms").unwrap().timeout,
        Duration::from_secs(5)
    );
    for bad in [
        "clickhouse:",
        "clickhouse://h:x",
        "clickhouse://h/a/b/c",
        "clickhouse://h?a=b",
        "clickhouse://h?timeout=1",
    ] {
        assert!(options(bad).is_err(), "{bad}");
    }
}

#[test]
fn answers_are_understood() {
    let answers = vec![
        "400 Bad Request\nX-ClickHouse-Exception-Code: 117\n\nCode: 117. DB::Exception: Cannot parse input: expected ...",
        "500 Internal Server Error\n\nCode: 407. DB::Exception: Decimal math overflow",
        "503 Service Unavailable\nRetry-After: 3",
        "404 Not Found\nX-ClickHouse-Exception-Code: 60\n\nCode: 60. DB::Exception: Unknown table",
        "200 OK\nX-ClickHouse-Exception-Code: 241\n\nCode: 241. DB::Exception: Memory limit exceeded",
        "302 Found\nLocation: http://127.0.0.1:1/",
    ];
    let (address, _requests) = server(answers);
    let mut sink = sink(&address);
    let mut send = || sink.send(&Batch::new(1, LINES)).unwrap_err();
    assert!(matches!(send(), SendError::Refused { why } if why.contains("Cannot parse input")));
    assert!(matches!(send(), SendError::Refused { why } if why.contains("overflow")));
    assert!(matches!(send(), SendError::Retry { after: Some(after), .. } if after.as_secs() == 3));
    assert!(matches!(send(), SendError::Retry { why, .. } if why.contains("Unknown table")));
    assert!(matches!(send(), SendError::Retry { why, .. } if why.contains("Memory limit")));
    assert!(matches!(send(), SendError::Retry { why, .. } if why.contains("302")));
}

#[test]
fn a_server_that_is_away_or_silent_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It accepts by its backlog, and never answers.
    let mut sink = sink(&format!("{address}/?timeout=100ms"));
    assert!(matches!(
        sink.send(&Batch::new(1, LINES)),
        Err(SendError::Retry { .. })
    ));
    drop(listener);
    assert!(matches!(
        sink.send(&Batch::new(1, LINES)),
        Err(SendError::Retry { .. })
    ));
}
