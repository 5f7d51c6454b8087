//! No planted value leaves the process: not by any sink, not by what sinks leave on the disk, not by another layer. One
//! source for three crates, whose schemas differ in `policy.sensitive`; what the service does, `roads.rs` says.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the server's threads serve no request of ours"
)]

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    mocking::MockCluster,
    producer::DefaultProducerContext,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Where records go, once each: `{folder}` is the run's own, `{server}` takes whatever is sent over HTTP, `{kafka}` are
/// brokers. A new sink is a new line; what it sends must not be compressed.
const SINKS: &[&str] = &[
    "stdout:",
    "pretty:",
    "file:{folder}/log.ndjson",
    "clickhouse://{server}/default/logs",
    "http://{server}/logs?compression=none",
    "kafka://{kafka}/logs?compression=none",
    "kafka://{kafka}/logs?compression=none&key=event_id",
    "null:",
];

const PLANTED: &str = "PLANTED";
const NUMBER: &str = "48151623421108";
/// The planted time, as RFC 3339 and as other writers show it.
const TIMES: [&str; 2] = ["1970-01-01", "tv_sec: 0"];
const SEEN: &str = "on-the-road";

/// The text as it stands inside of base64: three ways, by where it begins.
const IN_BASE64: [&str; 3] = ["UExBTlRFR", "BMQU5URU", "QTEFOVEVE"];

fn binary() -> &'static str {
    option_env!("CARGO_BIN_EXE_roads-mask")
        .or(option_env!("CARGO_BIN_EXE_roads-hash"))
        .or(option_env!("CARGO_BIN_EXE_roads-drop"))
        .expect("one of the three crates")
}

/// `mask`, `hash` or `drop`.
fn policy() -> &'static str {
    env!("CARGO_PKG_NAME").rsplit('-').next().unwrap_or_default()
}

/// Everything that a run let out.
struct Out {
    all: Vec<u8>,
    stdout: String,
}

impl Out {
    fn has(&self, text: &str) -> bool {
        self.all
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

/// Runs the service with this sink, or beside another layer, and collects every byte that comes out.
fn run(sink: Option<&str>, key: Option<&str>) -> Out {
    let folder = tempfile::tempdir().expect("a folder");
    let received = Arc::new(Mutex::new(Vec::new()));
    let server = serve(Arc::clone(&received));
    let brokers = sink.filter(|sink| sink.contains("{kafka}")).map(|_| brokers());
    let mut command = Command::new(binary());
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRACEL_")) {
        command.env_remove(variable);
    }
    command.env("TRACEL_DIR", folder.path().join("journals"));
    match sink {
        None => {
            command.arg("beside");
        }
        Some(sink) => {
            let sink = sink
                .replace("{folder}", &folder.path().to_string_lossy())
                .replace("{server}", &server)
                .replace(
                    "{kafka}",
                    &brokers
                        .as_ref()
                        .map_or_else(String::new, Brokers::bootstrap_servers),
                );
            command.env("TRACEL_SINK", sink);
        }
    }
    command.envs(key.map(|key| ("TRACEL_HASH_KEY", key)));
    let output = command.output().expect("the service runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{sink:?}: {said}");
    let mut all = [output.stdout.as_slice(), &output.stderr].concat();
    files(folder.path(), &mut all);
    all.extend_from_slice(&received.lock().expect("the server"));
    if let Some(brokers) = &brokers {
        messages(brokers, &mut all);
    }
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Out { all, stdout }
}

type Brokers = MockCluster<'static, DefaultProducerContext>;

/// librdkafka's own brokers, with the topic.
fn brokers() -> Brokers {
    let brokers = MockCluster::new(1).expect("brokers");
    brokers.create_topic("logs", 1, 1).expect("the topic");
    brokers
}

/// Keys, headers and payloads of all messages.
fn messages(brokers: &Brokers, all: &mut Vec<u8>) {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers.bootstrap_servers())
        .set("group.id", "leaks")
        .create()
        .expect("a consumer");
    let time = Duration::from_secs(30);
    let (low, high) = consumer.fetch_watermarks("logs", 0, time).expect("the topic");
    let mut from = TopicPartitionList::new();
    from.add_partition_offset("logs", 0, Offset::Beginning)
        .expect("a partition");
    consumer.assign(&from).expect("assigned");
    let (mut left, start) = (high - low, Instant::now());
    while left > 0 {
        assert!(start.elapsed() < time, "{left} messages do not come");
        let Some(message) = consumer.poll(Duration::from_secs(1)) else {
            continue;
        };
        let message = message.expect("read");
        // With its headers.
        all.extend_from_slice(format!("{message:?}").as_bytes());
        all.extend_from_slice(message.key().unwrap_or_default());
        all.extend_from_slice(message.payload().unwrap_or_default());
        left -= 1;
    }
}

/// The content of every file below a folder.
fn files(folder: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, all),
            false => all.extend(fs::read(&path).expect("a file")),
        }
    }
}

/// A server that keeps whatever it is sent, and says yes.
fn serve(received: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let received = Arc::clone(&received);
            thread::spawn(move || answer(stream, &received));
        }
    });
    address
}

/// Answers every request of a connection.
fn answer(stream: TcpStream, received: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            received.lock().ok()?.extend_from_slice(line.as_bytes());
            let lower = line.to_ascii_lowercase();
            if let Some(given) = lower.strip_prefix("content-length:") {
                length = given.trim().parse().ok()?;
            }
            if lower.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        received.lock().ok()?.extend_from_slice(&body);
        let mut stream = &stream;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .ok()?;
    }
}

/// What must not be there.
fn assert_clean(out: &Out, by: &str) {
    for planted in [PLANTED, NUMBER].into_iter().chain(TIMES).chain(IN_BASE64) {
        let found = out
            .all
            .windows(planted.len())
            .position(|window| window == planted.as_bytes());
        if let Some(at) = found {
            let around = &out.all[at.saturating_sub(200)..out.all.len().min(at + 100)];
            panic!("{by} lets `{planted}` out:\n{}", String::from_utf8_lossy(around));
        }
    }
}

#[test]
fn no_sink_sees_a_planted_value() {
    for sink in SINKS {
        for key in [None, Some("the key of this deployment")] {
            let out = run(Some(sink), key);
            assert_clean(&out, sink);
            assert_eq!(
                out.has(SEEN),
                *sink != "null:",
                "{sink}: the roads are seen where anything is"
            );
        }
    }
}

#[test]
fn no_other_layer_sees_a_planted_value() {
    for key in [None, Some("the key of this deployment")] {
        let out = run(None, key);
        assert_clean(&out, "the fmt layer");
        assert!(out.has(SEEN) && out.has("in an inner span"), "{}", out.stdout);
    }
}

/// The records of a run, by their messages.
fn records(key: Option<&str>) -> Vec<Value> {
    let out = run(Some("stdout:"), key);
    out.stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// What stands under this name in the records, wherever it does.
fn values(records: &[Value], name: &str) -> Vec<String> {
    let parts = records
        .iter()
        .flat_map(|record| [&record["metadata"], &record["extra"]]);
    parts
        .filter_map(|part| Some(part.get(name)?.as_str()?.to_owned()))
        .collect()
}

#[test]
fn each_policy_does_to_sensitive_values_what_it_says() {
    let plain = records(None);
    let empty = records(Some(""));
    let keyed = records(Some("the key of this deployment"));
    let other = records(Some("another key"));
    for records in [&plain, &empty, &keyed, &other] {
        assert!(values(records, "password").is_empty() && values(records, "token").is_empty());
        assert!(
            records
                .iter()
                .any(|record| record["message"] == "ours in theirs, later")
        );
        assert!(
            values(records, "login")
                .iter()
                .all(|login| login.contains("Secret(..)"))
        );
        assert!(!values(records, "login").is_empty());
    }
    let names = [
        "card", "email", "pin", "names", "blob", "document", "cause", "born",
    ];
    for name in names {
        let [plain, keyed, other] = [&plain, &keyed, &other].map(|records| values(records, name));
        match policy() {
            "drop" => assert!(plain.is_empty() && keyed.is_empty(), "{name}: {keyed:?}"),
            "mask" => assert!(
                !keyed.is_empty() && keyed.iter().all(|value| value == "***"),
                "{name}: {keyed:?}"
            ),
            "hash" => {
                // A key of nothing is none: anybody could try values out.
                for unkeyed in [plain, values(&empty, name)] {
                    assert!(
                        !unkeyed.is_empty() && unkeyed.iter().all(|value| value == "***"),
                        "{name}: {unkeyed:?}"
                    );
                }
                let is_hash = |value: &String| value.len() == 37 && value.starts_with("hash:");
                assert!(
                    !keyed.is_empty() && keyed.iter().all(is_hash),
                    "{name}: {keyed:?}"
                );
                assert_eq!(keyed.len(), other.len());
                assert!(
                    keyed.iter().zip(&other).all(|(one, two)| one != two),
                    "{name}: the key parts them"
                );
            }
            policy => panic!("no test of the policy `{policy}`"),
        }
    }
    let texts = |record: &Value| !record["target"].is_null() && record["message"] != "";
    assert_eq!(plain.iter().any(texts), policy() != "drop", "other crates' texts");
    if policy() == "hash" {
        let again = records(Some("the key of this deployment"));
        assert_eq!(
            values(&keyed, "card"),
            values(&again, "card"),
            "equal values match"
        );
    }
}

#[test]
fn what_was_planted_would_be_found() {
    let found = |bytes: &[u8]| {
        let out = Out {
            all: bytes.to_vec(),
            stdout: String::new(),
        };
        std::panic::catch_unwind(|| assert_clean(&out, "a sink")).is_err()
    };
    assert!(!found(b"{\"card\":\"***\"}"));
    // `PLANTED` itself, and in base64 at each of the three places where it may begin.
    for leak in [
        "card=PLANTED-x",
        "pin=48151623421108",
        "UExBTlRFRA==",
        "eFBMQU5URUQ=",
        "eHhQTEFOVEVE",
    ] {
        assert!(found(leak.as_bytes()), "{leak}");
    }
}
