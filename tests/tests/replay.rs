//! What services log is one tree in `tracel replay`, also where a span in the middle logs nothing, in one process and over
//! HTTP. How trees are made of stranger records, tracel-cli's own tests say.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the called service is another one: it takes the request up from the headers, not from this thread"
)]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};
use tracel::{Guard, log_info};
use tracel_cli::replay::{Record, Request, print};
use tracel_tests::Kept;
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

fn service(name: &str) -> (Dispatch, Guard, Kept) {
    let kept = Kept::default();
    let (layer, guard) = tracel::init(SCHEMA)
        .service(name)
        .sink_with(kept.clone())
        .build()
        .expect("a layer");
    (
        Dispatch::new(tracing_subscriber::registry().with(layer)),
        guard,
        kept,
    )
}

#[tracel::instrument(root)]
fn order(ledger: SocketAddr) {
    log_info!(SysLog("ordered"));
    pay(ledger);
    log_info!(SysLog("done"));
}

/// It logs nothing.
#[tracel::instrument]
fn pay(ledger: SocketAddr) {
    check();
    call(ledger);
}

#[tracel::instrument]
fn check() {
    log_info!(SysLog("checked"));
}

/// It logs nothing either, and is known to the other service only.
#[tracel::instrument]
fn call(ledger: SocketAddr) {
    let mut headers = HashMap::<String, String>::new();
    assert!(tracel::inject(&mut headers));
    let mut stream = TcpStream::connect(ledger).expect("connects");
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(stream, "GET /book HTTP/1.1\r\nHost: ledger\r\n{lines}\r\n").expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tracel::instrument]
fn book() {
    log_info!(SysLog("booked"));
}

/// A handler that opens the request's span by itself, and logs nothing in it.
fn serve(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().expect("a call");
    let mut headers = HashMap::<String, String>::new();
    for line in BufReader::new(&stream).lines().map(|line| line.expect("a line")) {
        match line.split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None if line.is_empty() => break,
            None => continue,
        };
    }
    tracel::request_span(tracel::extract(&headers)).in_scope(book);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .expect("answers");
}

/// The tree without times, and with a span's id as `ID`.
fn shown(kept: &[Kept]) -> String {
    let lines: Vec<String> = kept.iter().map(Kept::text).collect();
    let records: Vec<Record> = lines
        .iter()
        .flat_map(|lines| lines.lines())
        .map(|line| Record::read(line.as_bytes()).expect("a record"))
        .filter(|record| record.text("event_name") != "tracel_census")
        .collect();
    let event_id = records[0].event_id;
    assert!(records.iter().all(|record| record.event_id == event_id));
    let mut out = Vec::new();
    print::tree(&mut out, event_id, &Request::new(records), false).expect("memory");
    let text = String::from_utf8(out).expect("text");
    text.lines()
        .skip(1)
        .map(|line| {
            let (_, line) = line.trim_start().split_once("  ").expect("a time");
            let line = match line.split_once("(span ") {
                Some((start, rest)) => {
                    assert!(rest[..16].bytes().all(|byte| byte.is_ascii_hexdigit()), "{rest}");
                    format!("{start}(span ID{}", &rest[16..])
                }
                None => line.to_owned(),
            };
            // A duration follows it.
            match line.find("[replay]") {
                Some(at) => line[..at + "[replay]".len()].to_owned() + "\n",
                None => line + "\n",
            }
        })
        .collect()
}

#[test]
fn a_request_is_one_tree_whoever_logs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (ledger, ledger_guard, ledger_kept) = service("Ledger");
    let served = thread::spawn(move || dispatcher::with_default(&ledger, || serve(&listener)));
    let (shop, shop_guard, shop_kept) = service("Shop");
    dispatcher::with_default(&shop, || order(address));
    served.join().expect("served");
    for guard in [&shop_guard, &ledger_guard] {
        guard.flush(Duration::from_secs(10)).expect("flushed");
    }
    let tree = shown(&[shop_kept, ledger_kept]);
    assert_eq!(
        tree,
        "\
└ Shop order [replay]
  ├ INFO  ordered
  ├ (span ID logged nothing)
  │ └ Shop check [replay]
  │   └ INFO  checked
  ├ (span ID logged nothing)
  │ └ Ledger book [replay]
  │   └ INFO  booked
  └ INFO  done
"
    );
}
