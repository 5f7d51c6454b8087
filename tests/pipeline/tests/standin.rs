//! The stand-in for Vector between the cluster that librdkafka plays and a real ClickHouse: what is committed is stored, and
//! what was stored and not committed comes again.
#![allow(missing_docs, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "no request is at work here")]

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::Message,
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tracel_cli::{clickhouse::ClickHouse, migrate::migrate};
use tracel_dev::testing;
use tracel_pipeline::{
    remap::Remap,
    standin::{Counts, Options, run},
    store::Store,
};

const TOPIC: &str = "logs";
const MESSAGES: usize = 200;
/// Of each message one is poison, one is of another language.
const LINES: usize = 10;
const PATIENCE: Duration = Duration::from_secs(120);

fn line(number: usize) -> String {
    match number % LINES {
        3 => format!("{{\"level\":\"INFO\",\"message\":\"poison {number}\""),
        7 => format!(
            "{{\"timestamp\":\"2026-11-22T11:40:00Z\",\"level\":\"warning\",\"service_name\":\"other\",\"message\":\"{number}\",\"pid\":7}}"
        ),
        _ => format!(
            "{{\"timestamp\":\"2026-11-22T11:40:00.123456789Z\",\"level\":\"INFO\",\"uuid\":\"{:032x}\",\
             \"service_name\":\"payment\",\"module_name\":\"m\",\"message\":\"{number}\",\"metadata\":{{\"amount\":\"18446744073709551615\"}},\
             \"log_type\":\"system\",\"schema\":\"shop@1\"}}",
            number + 1
        ),
    }
}

fn produce(kafka: &str, messages: std::ops::Range<usize>) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .create()
        .unwrap();
    for message in messages {
        let lines: Vec<String> = (0..LINES).map(|index| line(message * LINES + index)).collect();
        let payload = lines.join("\n") + "\n";
        let partition = i32::try_from(message % 3).unwrap();
        let record = BaseRecord::<(), str>::to(TOPIC)
            .payload(&payload)
            .partition(partition);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
}

/// How many messages the group has committed.
fn committed(kafka: &str) -> i64 {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "vector")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    (0..3).for_each(|partition| {
        list.add_partition(TOPIC, partition);
    });
    let list = consumer.committed_offsets(list, PATIENCE).unwrap();
    let offsets = list.elements();
    let offset = |offset| if let Offset::Offset(at) = offset { at } else { 0 };
    offsets.iter().map(|element| offset(element.offset())).sum()
}

/// The different lines in the topic of quarantine, once there are so many, with their reasons.
fn refused(kafka: &str, count: usize) -> BTreeMap<String, String> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "test")
        .create()
        .unwrap();
    let topic = format!("{TOPIC}-quarantine");
    let mut list = TopicPartitionList::new();
    (0..3).for_each(|partition| {
        list.add_partition_offset(&topic, partition, Offset::Beginning)
            .unwrap();
    });
    consumer.assign(&list).unwrap();
    let mut found = BTreeMap::new();
    until("all that was refused is in the topic", || {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
            let row: serde_json::Value = serde_json::from_slice(message.payload().unwrap()).unwrap();
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            found.insert(text("original"), text("reason"));
        }
        found.len() >= count
    });
    found
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A stand-in in a thread; stopped when it is dropped.
struct Running {
    counts: Arc<Counts>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

fn start(kafka: &str, server: &str) -> Running {
    let (counts, stop) = (Arc::new(Counts::default()), Arc::new(AtomicBool::new(false)));
    let options = Options {
        kafka: kafka.to_owned(),
        topic: TOPIC.to_owned(),
        group: "vector".to_owned(),
        batch: Duration::from_millis(200),
    };
    let store = Store::new(server, "standin");
    let (its_counts, its_stop) = (Arc::clone(&counts), Arc::clone(&stop));
    let thread = thread::spawn(move || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/vector");
        let remap = Remap::open(&folder).unwrap();
        run(&options, &remap, &store, &its_counts, &its_stop).unwrap();
    });
    Running {
        counts,
        stop,
        thread: Some(thread),
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        let ended = self.thread.take().map(thread::JoinHandle::join);
        assert!(
            thread::panicking() || matches!(ended, Some(Ok(()))),
            "the stand-in panicked"
        );
    }
}

/// Passes on to a ClickHouse once `is_up`; before that it hangs up.
fn front(server: &str, is_up: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if !is_up.load(Relaxed) {
                continue;
            }
            let Ok(upstream) = TcpStream::connect(&server) else {
                continue;
            };
            for (mut from, mut to) in [
                (client.try_clone().unwrap(), upstream.try_clone().unwrap()),
                (upstream, client),
            ] {
                thread::spawn(move || io::copy(&mut from, &mut to));
            }
        }
    });
    address
}

/// An empty database with the tables.
fn tables(server: &testing::ClickHouse, database: &str) -> ClickHouse {
    let clickhouse = ClickHouse::new(&server.without(database)).unwrap();
    migrate(&clickhouse).unwrap();
    clickhouse
}

/// The one number that a query answers.
fn count(clickhouse: &ClickHouse, sql: &str) -> usize {
    clickhouse.query(sql, &[]).unwrap().trim().parse().unwrap()
}

#[test]
fn nothing_is_committed_before_it_is_stored_and_nothing_is_lost() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let clickhouse = tables(&server, "standin");
    let count = |sql: &str| count(&clickhouse, sql);

    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 3, 1).unwrap();
    cluster
        .create_topic(&format!("{TOPIC}-quarantine"), 3, 1)
        .unwrap();
    let kafka = cluster.bootstrap_servers();
    produce(&kafka, 0..MESSAGES / 2);

    // ClickHouse is down: Vector reads, tries, and commits nothing.
    let is_up = Arc::new(AtomicBool::new(false));
    let address = front(server.url(), Arc::clone(&is_up));
    let first = start(&kafka, &address);
    until("it tries again", || first.counts.retried.load(Relaxed) > 2);
    assert_eq!(committed(&kafka), 0);
    drop(first);
    assert_eq!((committed(&kafka), count("SELECT count() FROM logs")), (0, 0));

    // The next one begins where nothing was committed; ClickHouse comes up under it.
    let second = start(&kafka, &address);
    until("it tries again", || second.counts.retried.load(Relaxed) > 0);
    is_up.store(true, Relaxed);
    let half = i64::try_from(MESSAGES / 2).unwrap();
    until("all is committed", || committed(&kafka) == half);
    produce(&kafka, MESSAGES / 2..MESSAGES);
    until("all is committed", || committed(&kafka) == 2 * half);
    assert_eq!(second.counts.refused.load(Relaxed), 0);
    drop(second);
    assert_eq!(count("SELECT uniqExact(uuid) FROM logs"), MESSAGES * (LINES - 1));
    assert_eq!(
        count("SELECT uniqExact(original) FROM quarantine WHERE reason = 'not_json'"),
        MESSAGES
    );
    let refused = refused(&kafka, MESSAGES);
    assert_eq!(refused.len(), MESSAGES);
    assert!(refused.values().all(|reason| reason == "not_json"), "{refused:?}");
    assert_eq!(
        count("SELECT count() FROM logs WHERE extra['pid'] = '7' AND level = 'WARN'"),
        MESSAGES
    );
    let greatest = "SELECT count() FROM logs WHERE toString(metadata.amount) = '18446744073709551615'";
    assert_eq!(count(greatest), MESSAGES * (LINES - 2));
}

/// The stand-in as a process; killed when it is dropped.
struct Process(std::process::Child);

impl Process {
    fn start(kafka: &str, server: &str) -> Process {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let child = Command::new(env!("CARGO_BIN_EXE_tracel-vector"))
            .args([
                "--kafka",
                kafka,
                "--group",
                "vector",
                "--clickhouse",
                server,
                "--database",
                "killed",
            ])
            .arg("--programs")
            .arg(root.join("deploy/vector"))
            .arg("--folder")
            .arg(env!("CARGO_TARGET_TMPDIR"))
            // The stand-in is meant, whatever this machine has.
            .env("PATH", "")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let mut first = String::new();
        let stdout = process.0.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut first).unwrap();
        assert!(first.starts_with("vector: a stand-in"), "{first:?}");
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_vector_that_is_killed_loses_nothing() {
    let Some(server) = testing::clickhouse() else {
        return;
    };
    let clickhouse = tables(&server, "killed");
    let count = |sql: &str| count(&clickhouse, sql);
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 3, 1).unwrap();
    let kafka = cluster.bootstrap_servers();
    let mut rows = 0;
    for part in 0..4 {
        produce(&kafka, part * MESSAGES / 4..(part + 1) * MESSAGES / 4);
        let process = Process::start(&kafka, server.url());
        // As soon as rows are in, most often before their offsets are committed.
        until("more rows", || count("SELECT count() FROM logs") > rows);
        drop(process);
        rows = count("SELECT count() FROM logs");
    }
    let _last = Process::start(&kafka, server.url());
    until("all is committed", || {
        committed(&kafka) == i64::try_from(MESSAGES).unwrap()
    });
    assert_eq!(count("SELECT uniqExact(uuid) FROM logs"), MESSAGES * (LINES - 1));
    assert_eq!(
        count("SELECT uniqExact(original) FROM quarantine WHERE reason = 'not_json'"),
        MESSAGES
    );
}
