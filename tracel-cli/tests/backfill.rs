//! `tracel backfill` against librdkafka's own mock brokers: each record of the range, and no other.
#![cfg(feature = "kafka")]

use rdkafka::{
    ClientConfig,
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer},
};
use std::{fs, process::Command, time::Duration};

/// Six messages in partition 0, two records in each, and one in partition 1.
fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).expect("brokers");
    cluster.create_topic("logs", 2, 1).expect("a topic");
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .create()
        .expect("a producer");
    let send = |partition, text: &str| {
        let record = BaseRecord::<(), str>::to("logs")
            .partition(partition)
            .payload(text);
        producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("is queued");
    };
    for n in 0..6 {
        send(0, &format!("{{\"n\":{n}}}\n{{\"half\":{n}}}\n"));
    }
    send(1, "{\"other\":1}");
    producer.flush(Duration::from_secs(20)).expect("arrives");
    cluster
}

fn backfill(
    cluster: &MockCluster<'_, DefaultProducerContext>,
    arguments: &[&str],
) -> (Option<i32>, String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("again.ndjson");
    let output = Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(["backfill", "--brokers", &cluster.bootstrap_servers(), "--to"])
        .arg(format!("file://{}", file.display()))
        .args(arguments)
        .output()
        .expect("runs");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let mut lines: Vec<String> = fs::read_to_string(&file)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    (output.status.code(), text, lines)
}

#[test]
fn what_is_asked_for_is_sent_again() {
    let cluster = cluster();
    let (code, text, lines) = backfill(
        &cluster,
        &["--topic", "logs", "--partition", "0", "--offsets", "2..3"],
    );
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "4 records of 2 messages sent again\n")
    );
    assert_eq!(lines, ["{\"half\":2}", "{\"half\":3}", "{\"n\":2}", "{\"n\":3}"]);

    let (code, text, lines) = backfill(&cluster, &["--topic", "logs"]);
    assert_eq!((code, lines.len()), (Some(0), 13), "{text}");

    // Beyond the end there is nothing yet, and that is no error.
    let (code, text, _) = backfill(
        &cluster,
        &["--topic", "logs", "--partition", "0", "--offsets", "5..900"],
    );
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "2 records of 1 messages sent again\n")
    );

    let (code, text, _) = backfill(&cluster, &["--topic", "logs", "--partition", "7"]);
    assert!(code == Some(2) && text.contains("no partition 7"), "{text}");
    let (code, text, _) = backfill(&cluster, &["--topic", "logs", "--offsets", "now"]);
    assert!(code == Some(2) && text.contains("17..42"), "{text}");
}
