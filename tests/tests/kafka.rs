//! From log macros through the sink `kafka://` into real brokers, which are killed, hang, refuse and forget.
//! `cargo xtask e2e` runs it.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "callers are plain threads, without a request"
)]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tracel::{Guard, log_info, sink::Address};
use tracel_tests::{broker::Broker, complete, strict};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

/// How long the last records may take when the broker is well again, on a slow machine.
const SOON: Duration = Duration::from_secs(120);

/// A log into this topic alone.
fn start(broker: &Broker, topic: &str, folder: &Path) -> (Dispatch, Guard) {
    // Shorter than in practice, so that the client gives up on a hanging connection while the test waits.
    let settings = "rdkafka.socket.timeout.ms=3000&rdkafka.request.timeout.ms=2000\
         &rdkafka.topic.metadata.propagation.max.ms=1000&rdkafka.topic.metadata.refresh.interval.ms=1000";
    let address = format!("kafka://{}/{topic}?linger=20ms&{settings}", broker.address());
    let address: Address = address.parse().expect("an address");
    let sink = address.open_in(folder).expect("a sink");
    let (layer, guard) = tracel::init(SCHEMA).sink_with(sink).build().expect("a log");
    (Dispatch::new(tracing_subscriber::registry().with(layer)), guard)
}

/// Logs so many numbered records, one each two milliseconds.
fn log(dispatch: &Dispatch, attempts: std::ops::Range<u32>) {
    dispatcher::with_default(dispatch, || {
        for attempt in attempts {
            log_info!(SysLog("a try", attempt));
            thread::sleep(Duration::from_millis(2));
        }
    });
}

/// The attempts that arrived, in order; each number of each lane arrived once, or is announced.
fn attempts(lines: &[String]) -> (Vec<u64>, u64) {
    let (records, announced) = complete(lines.iter().map(String::as_str));
    let mut attempts: Vec<u64> = records
        .iter()
        .filter_map(|record| record["metadata"]["attempt"].as_u64())
        .collect();
    attempts.sort_unstable();
    (attempts, announced)
}

#[test]
fn a_broker_that_is_killed_or_hangs_costs_no_record() {
    let Some(mut broker) = Broker::kafka() else { return };
    broker.create_topic("plugs", 3, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let (dispatch, guard) = start(&broker, "plugs", folder.path());
    log(&dispatch, 0..500);
    guard.flush(SOON).expect("it is well");

    thread::scope(|scope| {
        let logging = scope.spawn(|| log(&dispatch, 500..3000));
        thread::sleep(Duration::from_millis(500));
        broker.kill();
        thread::sleep(Duration::from_secs(3));
        broker.start();
        logging.join().expect("logged");
    });
    guard.flush(SOON).expect("it is back");

    thread::scope(|scope| {
        let logging = scope.spawn(|| log(&dispatch, 3000..6000));
        thread::sleep(Duration::from_millis(500));
        broker.pause();
        thread::sleep(Duration::from_secs(6));
        broker.resume();
        logging.join().expect("logged");
    });
    guard.flush(SOON).expect("it goes on");

    let (attempts, announced) = attempts(&broker.lines("plugs"));
    assert!(attempts.iter().copied().eq(0..6000), "{} of 6000", attempts.len());
    assert_eq!(announced, 0);
}

#[test]
fn a_topic_that_is_missing_is_waited_for_and_what_it_refuses_is_set_aside() {
    let Some(broker) = Broker::kafka() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let before = tracel::stats().retried;
    let (dispatch, guard) = start(&broker, "late", folder.path());
    log(&dispatch, 0..100);
    let until = Instant::now() + SOON;
    while tracel::stats().retried == before {
        assert!(Instant::now() < until, "it notices that the topic is missing");
        thread::sleep(Duration::from_millis(50));
    }
    broker.create_topic("late", 1, &[("max.message.bytes", "2000")]);
    guard.flush(SOON).expect("the topic is there");

    // Too large for the topic, and not to be made smaller by compression.
    let mut state = 1_u64;
    let large: String = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + 2 + (state >> 33) as u8 % 60)
    })
    .take(6000)
    .collect();
    log(&dispatch, 100..150);
    dispatcher::with_default(&dispatch, || {
        log_info!(SysLog("too large", reason = large.as_str()))
    });
    log(&dispatch, 150..200);
    guard.flush(SOON).expect("all but one");

    let (attempts, announced) = attempts(&broker.lines("late"));
    assert!(attempts.iter().copied().eq(0..200), "{attempts:?}");
    assert_eq!(announced, 1);
    let aside = fs::read_to_string(folder.path().join("refused.ndjson")).expect("the refused");
    let aside: Vec<Value> = aside.lines().map(strict).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0]["record"]["metadata"]["reason"], large);
    assert!(
        aside[0]["why"]
            .as_str()
            .expect("a reason")
            .contains("max.message.bytes")
    );
}

#[test]
fn a_broker_that_lost_its_data_gets_what_comes_after() {
    let Some(mut broker) = Broker::forgetful() else {
        return;
    };
    broker.create_topic("forgotten", 1, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let (dispatch, guard) = start(&broker, "forgotten", folder.path());
    log(&dispatch, 0..300);
    guard.flush(SOON).expect("it is well");
    assert!(attempts(&broker.lines("forgotten")).0.iter().copied().eq(0..300));

    broker.kill();
    // Under way, or waiting, while it is gone.
    log(&dispatch, 300..400);
    broker.start();
    broker.create_topic("forgotten", 1, &[]);
    log(&dispatch, 400..600);
    guard.flush(SOON).expect("what it has not acknowledged");
    let (attempts, announced) = attempts(&broker.lines("forgotten"));
    assert!(attempts.iter().copied().eq(300..600), "{attempts:?}");
    assert_eq!(announced, 0);
}

/// A server that takes what is posted to it, and its address.
fn server(received: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let received = Arc::clone(&received);
            thread::spawn(move || serve(&stream, &received));
        }
    });
    address
}

fn serve(mut stream: &TcpStream, received: &Mutex<Vec<u8>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            if let Some((_, value)) = line
                .split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().expect("a length");
            }
            line.clear();
        }
        if line.is_empty() {
            // The connection has ended.
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        received.lock().expect("the records").extend_from_slice(&body);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).expect("answered");
    }
}

#[test]
fn of_several_sinks_the_one_that_is_down_holds_up_no_other() {
    const ROUNDS: u32 = 6;
    const EACH: u32 = 5000;
    let Some(mut broker) = Broker::kafka() else { return };
    broker.create_topic("one-of-three", 3, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log.ndjson");
    let posted = Arc::<Mutex<Vec<u8>>>::default();
    let server = server(Arc::clone(&posted));
    let (layer, guard) = tracel::init(SCHEMA)
        .sink(format!("kafka://{}/one-of-three", broker.address()))
        .sink(format!("file://{}", file.display()))
        .sink(format!("http://{server}/?compression=none&linger=20ms"))
        .folder(folder.path().join("state"))
        .build()
        .expect("a log");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let reason = "so that what Kafka is behind with is more than the journal holds; ".repeat(8);
    let log = |attempts: std::ops::Range<u32>| {
        dispatcher::with_default(&dispatch, || {
            for attempt in attempts {
                log_info!(SysLog("to three", attempt, reason = &reason));
                if attempt % 100 == 0 {
                    thread::sleep(Duration::from_millis(2));
                }
            }
        });
    };
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    };
    // Whether a record is among the last kilobytes of both.
    let both_have = |attempt: u32| {
        let wanted = format!("\"attempt\":{attempt},");
        let has = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&wanted);
        let mut tail = Vec::new();
        let mut log = fs::File::open(&file).expect("the log");
        let from = log.metadata().expect("the log").len().saturating_sub(64 << 10);
        log.seek(SeekFrom::Start(from)).expect("the log");
        log.read_to_end(&mut tail).expect("the log");
        let posted = posted.lock().expect("the records");
        has(&tail) && has(&posted[posted.len().saturating_sub(64 << 10)..])
    };
    log(0..100);
    guard.flush(SOON).expect("all are well");

    broker.kill();
    let before = tracel::stats();
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        let first = 100 + round * EACH;
        log(first..first + EACH);
        let start = Instant::now();
        while !both_have(first + EACH - 1) {
            assert!(start.elapsed() < SOON, "the others wait for Kafka");
            thread::sleep(Duration::from_millis(10));
        }
        longest = longest.max(start.elapsed());
    }
    let after = tracel::stats();
    // What Kafka is behind with is on disk, and the journal is free for the others.
    assert!(after.spooled - before.spooled > u64::from(EACH), "{after}");
    assert_eq!(after.dropped, before.dropped, "{after}");
    assert_eq!(after.overrun, before.overrun, "{after}");
    assert!(
        longest < Duration::from_secs(10),
        "the others had the last record after {longest:?}"
    );
    assert!(guard.flush(Duration::from_millis(10)).is_err(), "Kafka is down");

    broker.start();
    guard.flush(SOON).expect("it is back");
    for (name, lines) in [
        ("file", lines(&fs::read(&file).expect("the log"))),
        ("http", lines(&posted.lock().expect("the records"))),
        ("kafka", broker.lines("one-of-three")),
    ] {
        // Each has each record once: none was sent again for another's sake.
        let (attempts, announced) = attempts(&lines);
        assert!(
            attempts.iter().copied().eq(0..u64::from(100 + ROUNDS * EACH)),
            "{name}: {}",
            attempts.len()
        );
        assert_eq!(announced, 0, "{name}");
    }
}
