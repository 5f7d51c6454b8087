//! The Kafka sink against librdkafka's own mock brokers: what arrives, and what is made of errors. Real brokers are in
//! `tests/`.

use super::*;
use crate::sink::{address::Address, url::Url};
use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    message::Message,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    topic_partition_list::{Offset, TopicPartitionList},
    types::{RDKafkaApiKey as Api, RDKafkaRespErr as Answer},
};

type Mock = MockCluster<'static, DefaultProducerContext>;

const TOPIC: &str = "logs";
const LINES: &[u8] = b"{\"a\":1}\n{\"a\":2}\n";

fn cluster(partitions: i32) -> Mock {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, partitions, 1).unwrap();
    cluster
}

fn options(text: &str) -> Result<Options, Error> {
    Options::parse(Url::parse(text).unwrap())
}

fn sink(cluster: &Mock, parameters: &str) -> Kafka {
    let brokers = cluster.bootstrap_servers();
    let options = options(&format!("kafka://{brokers}/{TOPIC}?{parameters}")).unwrap();
    Kafka::open(options).unwrap()
}

/// What is reported of pending batches within some seconds; ends when none is left.
fn settle(sink: &mut Kafka, seconds: u64) -> Vec<(u64, Result<(), SendError>)> {
    let (mut reports, until) = (Vec::new(), Instant::now() + Duration::from_secs(seconds));
    while !sink.pending.is_empty() && Instant::now() < until {
        let soon = Instant::now() + Duration::from_millis(5);
        sink.settle(soon, &mut |id, result| reports.push((id, result)));
    }
    reports
}

/// Sends a batch and waits until it is settled.
fn deliver(sink: &mut Kafka, id: u64, bytes: &[u8]) -> Result<(), SendError> {
    match sink.send(&Batch::new(id, bytes))? {
        Sent::Acknowledged => Ok(()),
        Sent::Pending => {
            let mut reports = settle(sink, 20);
            assert_eq!(reports.len(), 1, "settled within 20 s");
            let (settled, result) = reports.remove(0);
            assert_eq!(settled, id);
            result
        }
    }
}

/// Sends a batch until it is taken. librdkafka looks for a topic that was missing or forbidden now and then.
fn deliver_at_last(sink: &mut Kafka, id: u64, bytes: &[u8]) {
    let until = Instant::now() + Duration::from_secs(30);
    while let Err(error) = deliver(sink, id, bytes) {
        assert!(Instant::now() < until, "{error}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

struct Read {
    partition: i32,
    key: Option<String>,
    text: String,
}

/// All messages that the topic holds.
fn read(cluster: &Mock, partitions: i32) -> Vec<Read> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "test")
        .create()
        .unwrap();
    let mut all = TopicPartitionList::new();
    let mut left = 0;
    for partition in 0..partitions {
        all.add_partition_offset(TOPIC, partition, Offset::Beginning)
            .unwrap();
        let (low, high) = consumer
            .fetch_watermarks(TOPIC, partition, Duration::from_secs(10))
            .unwrap();
        left += high - low;
    }
    consumer.assign(&all).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut messages = Vec::new();
    while left > 0 {
        let message = consumer
            .poll(Duration::from_secs(10))
            .expect("a message")
            .unwrap();
        messages.push(Read {
            partition: message.partition(),
            key: message.key().map(text),
            text: text(message.payload().unwrap()),
        });
        left -= 1;
    }
    messages
}

fn texts(cluster: &Mock) -> Vec<String> {
    read(cluster, 1).into_iter().map(|read| read.text).collect()
}

#[test]
fn a_batch_is_one_message_without_a_key() {
    let cluster = cluster(1);
    for compression in ["zstd", "lz4", "none"] {
        let mut sink = sink(&cluster, &format!("compression={compression}"));
        assert_eq!(deliver(&mut sink, 1, LINES), Ok(()));
    }
    let messages = read(&cluster, 1);
    assert_eq!(messages.len(), 3);
    for message in messages {
        assert_eq!(
            (message.key, message.text.as_str()),
            (None, "{\"a\":1}\n{\"a\":2}")
        );
    }
}

#[test]
fn several_batches_are_under_way() {
    let cluster = cluster(1);
    cluster
        .broker_round_trip_time(1, Duration::from_millis(300))
        .unwrap();
    let mut sink = sink(&cluster, "");
    assert_eq!(deliver(&mut sink, 9, b"first\n"), Ok(()));
    let start = Instant::now();
    for id in 0..4 {
        let sent = sink.send(&Batch::new(id, format!("{id}\n").as_bytes()));
        assert_eq!(sent, Ok(Sent::Pending));
    }
    assert_eq!(settle(&mut sink, 10).len(), 4);
    assert!(
        start.elapsed() < Duration::from_millis(1000),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(texts(&cluster), ["first", "0", "1", "2", "3"]);
}

#[test]
fn one_keyed_record_a_message() {
    let cluster = cluster(4);
    let mut sink = sink(&cluster, "key=event_id");
    let line = |id: &str, n: u32| format!("{{\"event_id\":\"{id}\",\"n\":{n}}}\n");
    let ids: Vec<String> = (1..=8)
        .map(|n| format!("0193cf1e-0000-7000-8000-00000000000{n}"))
        .collect();
    let mut batch = String::new();
    for n in 0..3 {
        ids.iter().for_each(|id| batch += &line(id, n));
    }
    batch += &line("00000000-0000-0000-0000-000000000000", 3);
    batch += "{\"n\":4}\n";
    assert_eq!(deliver(&mut sink, 1, batch.as_bytes()), Ok(()));
    let messages = read(&cluster, 4);
    assert_eq!(messages.len(), 26);
    assert_eq!(messages.iter().filter(|read| read.key.is_none()).count(), 2);
    for id in &ids {
        let own: Vec<&Read> = messages
            .iter()
            .filter(|read| read.key.as_ref() == Some(id))
            .collect();
        assert_eq!(own.len(), 3);
        assert!(
            own.iter()
                .all(|read| read.partition == own[0].partition && read.text.contains(id))
        );
    }
}

#[test]
fn a_broker_that_is_down_is_told_of_and_waited_for() {
    let cluster = cluster(1);
    let mut sink = sink(&cluster, "");
    sink.patience = Duration::from_millis(300);
    assert_eq!(deliver(&mut sink, 1, b"before\n"), Ok(()));
    assert_eq!(sink.trouble(), None);
    cluster.broker_down(1).unwrap();
    assert_eq!(sink.send(&Batch::new(2, b"while\n")), Ok(Sent::Pending));
    assert!(settle(&mut sink, 2).is_empty());
    let trouble = sink.trouble().expect("it says so");
    assert!(
        trouble.contains("is the broker up") && trouble.contains("librdkafka says"),
        "{trouble}"
    );
    assert_eq!(sink.trouble(), None, "not at once again");
    cluster.broker_up(1).unwrap();
    assert_eq!(settle(&mut sink, 20), [(2, Ok(()))]);
    assert_eq!(texts(&cluster), ["before", "while"]);
}

#[test]
fn what_passes_is_tried_again_by_the_client() {
    let cluster = cluster(1);
    cluster.request_errors(
        Api::Produce,
        &[
            Answer::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
            Answer::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        ],
    );
    assert_eq!(deliver(&mut sink(&cluster, ""), 1, b"x\n"), Ok(()));
    assert_eq!(texts(&cluster), ["x"]);
}

#[test]
fn what_someone_must_mend_is_tried_again_with_a_hint() {
    for (answer, hint) in [
        (Answer::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "ACLs"),
        (
            Answer::RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
            "compression",
        ),
    ] {
        let cluster = cluster(1);
        let mut sink = sink(&cluster, "");
        cluster.request_errors(Api::Produce, &[answer]);
        let error = deliver(&mut sink, 1, b"x\n").unwrap_err();
        assert!(
            matches!(&error, SendError::Retry { why, .. } if why.contains(hint)),
            "{error:?}"
        );
        deliver_at_last(&mut sink, 1, b"x\n");
        assert_eq!(texts(&cluster), ["x"]);
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let cluster = cluster(1);
    let mut sink = sink(&cluster, "batch=1kB");
    // More than the client sends at all.
    let large = vec![b'x'; 200_000];
    assert!(matches!(
        deliver(&mut sink, 1, &large),
        Err(SendError::Refused { .. })
    ));
    // More than the broker takes.
    cluster.request_errors(Api::Produce, &[Answer::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE]);
    let error = deliver(&mut sink, 2, b"x\n").unwrap_err();
    assert!(
        matches!(&error, SendError::Refused { why } if why.contains("max.message.bytes")),
        "{error:?}"
    );
    assert_eq!(deliver(&mut sink, 3, b"y\n"), Ok(()));
    assert_eq!(texts(&cluster), ["y"]);
}

#[test]
fn what_arrived_of_a_batch_is_not_sent_again() {
    let cluster = cluster(4);
    let mut sink = sink(&cluster, "key=k");
    let lines: String = (0..16).map(|n| format!("{{\"k\":\"{n}\"}}\n")).collect();
    // There is one request for each partition: the first is answered so.
    cluster.request_errors(
        Api::Produce,
        &[Answer::RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE],
    );
    let result = deliver(&mut sink, 1, lines.as_bytes());
    assert!(matches!(result, Err(SendError::Retry { .. })));
    let arrived = read(&cluster, 4).len();
    assert!(0 < arrived && arrived < 16, "{arrived}");
    assert_eq!(sink.arrived.len(), arrived);
    assert_eq!(deliver(&mut sink, 1, lines.as_bytes()), Ok(()));
    assert_eq!(read(&cluster, 4).len(), 16);
    assert!(sink.arrived.is_empty());
}

#[test]
fn what_may_pass_is_tried_again_though_another_message_was_refused() {
    let (refused, retry) = (SendError::refused("too large"), SendError::retry("away"));
    for order in [[refused.clone(), retry.clone()], [retry.clone(), refused.clone()]] {
        let mut error = None;
        order.into_iter().for_each(|new| blame(&mut error, new));
        assert_eq!(error, Some(retry.clone()), "nothing is refused that could arrive");
    }
    let mut error = None;
    blame(&mut error, refused.clone());
    assert_eq!(error, Some(refused));
}

#[test]
fn a_missing_topic_is_told_of_and_waited_for() {
    let cluster = cluster(1);
    cluster
        .topic_error(TOPIC, Answer::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        .unwrap();
    let mut sink = sink(
        &cluster,
        "rdkafka.topic.metadata.propagation.max.ms=100&rdkafka.topic.metadata.refresh.interval.ms=500",
    );
    let error = deliver(&mut sink, 1, b"x\n").unwrap_err();
    assert!(
        matches!(&error, SendError::Retry { why, .. } if why.contains("does the topic exist")),
        "{error:?}"
    );
    cluster
        .topic_error(TOPIC, Answer::RD_KAFKA_RESP_ERR_NO_ERROR)
        .unwrap();
    deliver_at_last(&mut sink, 1, b"x\n");
    assert_eq!(texts(&cluster), ["x"]);
}

#[test]
fn a_producer_that_failed_for_good_is_made_anew() {
    let cluster = cluster(1);
    let mut sink = sink(&cluster, "");
    assert_eq!(deliver(&mut sink, 1, b"before\n"), Ok(()));
    cluster.request_errors(
        Api::Produce,
        &[Answer::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER],
    );
    let error = deliver(&mut sink, 2, b"x\n").unwrap_err();
    assert!(matches!(&error, SendError::Retry { .. }), "{error:?}");
    assert_eq!(deliver(&mut sink, 2, b"x\n"), Ok(()));
    // Also when it fails while nothing is under way, and when all of it is.
    cluster.request_errors(
        Api::InitProducerId,
        &[Answer::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED],
    );
    sink.producer = produce(&sink.config).unwrap();
    for id in 3..6 {
        assert_eq!(sink.send(&Batch::new(id, b"y\n")), Ok(Sent::Pending));
    }
    let reports = settle(&mut sink, 20);
    assert_eq!(reports.len(), 3);
    for (id, result) in reports {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("made anew") && error.contains("ACLs"), "{error}");
        assert_eq!(deliver(&mut sink, id, b"y\n"), Ok(()));
    }
    assert_eq!(texts(&cluster), ["before", "x", "y", "y", "y"]);
}

#[test]
fn a_producer_that_the_broker_forgot_is_made_anew() {
    let cluster = cluster(1);
    let mut sink = sink(&cluster, "rdkafka.statistics.interval.ms=100");
    assert_eq!(deliver(&mut sink, 1, b"before\n"), Ok(()));
    // What a broker says that has lost its data, to each epoch of the old producer.
    cluster.request_errors(Api::Produce, &[Answer::RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID; 40]);
    let error = deliver(&mut sink, 2, b"x\n").unwrap_err();
    assert!(
        matches!(&error, SendError::Retry { why, .. } if why.contains("lost its data")),
        "{error:?}"
    );
    cluster.clear_request_errors(Api::Produce);
    assert_eq!(deliver(&mut sink, 2, b"x\n"), Ok(()));
    assert_eq!(texts(&cluster), ["before", "x"]);
}

#[test]
fn addresses() {
    let said =
        options("kafka://me:p%40ss@one:1,two:2/a.b-c_d?sasl=scram-sha-512&tls=true&rdkafka.client.id=pay")
            .unwrap();
    assert_eq!(
        (said.brokers.as_str(), said.topic.as_str()),
        ("one:1,two:2", "a.b-c_d")
    );
    assert!(!format!("{said:?}").contains("p@ss"));
    let config = said.config().unwrap();
    for (name, value) in [
        ("security.protocol", "sasl_ssl"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.username", "me"),
        ("sasl.password", "p@ss"),
        ("client.id", "pay"),
    ] {
        assert_eq!(config.get(name), Some(value));
    }
    let plain = options("kafka://h/t?ca=/x.pem").unwrap().config().unwrap();
    assert_eq!(plain.get("security.protocol"), Some("ssl"));
    for (bad, way) in [
        ("kafka:", "kafka://broker1"),
        ("kafka://a,,b/t", "kafka://broker1"),
        ("kafka://h", "is no topic"),
        ("kafka://h/a/b", "is no topic"),
        ("kafka://h/t?compression=gzip", "lz4"),
        ("kafka://h/t?tls=yes", "tls=true"),
        ("kafka://h/t?a=b", "rdkafka.NAME"),
    ] {
        let error = options(bad).unwrap_err().to_string();
        assert!(error.contains(way), "{bad}: {error}");
    }
    let open = |text: &str| text.parse::<Address>().unwrap().open().err().unwrap().to_string();
    assert!(open("kafka://h/t?ca=/x.pem&tls=false").contains("tls=true"));
    let error = open("kafka://me:secret@h/t?rdkafka.no.such=1");
    assert!(
        error.contains("no.such") && error.contains("kafka://h/t"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
    #[cfg(not(feature = "kafka-tls"))]
    assert!(open("kafka://h/t?tls=true").contains("kafka-tls"));
}
