//! A request's context through Kafka: headers that rdkafka sends and receives, over the cluster that librdkafka plays.
#![allow(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "the consumer's thread is of no request")]

mod logs {
    tracel::include_schema!();
}

use logs::SCHEMA;
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
    message::{Header, Headers, Message, OwnedHeaders},
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, Producer},
};
use serde_json::Value;
use std::{collections::HashSet, iter, time::Duration};
use tracel::{Carrier, log_info};
use tracel_tests::records;
use uuid::Uuid;

const TOPIC: &str = "orders";
const REQUESTS: u64 = 100;
const PATIENCE: Duration = Duration::from_secs(30);

#[tracel::instrument(root, fields(event_id = id, tenant = "acme"))]
fn ask(producer: &BaseProducer, id: Uuid, number: u64) {
    log_info!(SysLog("asked", attempt = u32::try_from(number).unwrap()));
    let payload = number.to_string();
    let record = BaseRecord::<(), str>::to(TOPIC)
        .payload(&payload)
        .headers(tracel::propagate::rdkafka::headers());
    producer.send(record).map_err(|(error, _)| error).unwrap();
}

#[test]
fn a_message_belongs_to_the_request_that_sent_it() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 3, 1).unwrap();
    let servers = cluster.bootstrap_servers();
    let config = || {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &servers);
        config
    };
    let ids: Vec<Uuid> = (0..REQUESTS).map(|_| Uuid::new_v4()).collect();
    let records = records(SCHEMA, || {
        let producer: BaseProducer = config().create().unwrap();
        for (number, id) in (0..).zip(&ids) {
            ask(&producer, *id, number);
        }
        // Nobody's, and one that lies.
        let none = tracel::propagate::rdkafka::headers();
        assert_eq!(none.count(), 0);
        let lies = none.insert(Header {
            key: "traceparent",
            value: Some("00-0000-0000-01"),
        });
        for headers in [OwnedHeaders::new(), lies] {
            let record = BaseRecord::<(), str>::to(TOPIC).payload("1000").headers(headers);
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(PATIENCE).unwrap();

        let consumer: BaseConsumer = config()
            .set("group.id", "workers")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap();
        consumer.subscribe(&[TOPIC]).unwrap();
        for _ in 0..REQUESTS + 2 {
            // Between messages it tells of nothing, as when partitions are assigned.
            let next = || consumer.poll(Duration::from_secs(1));
            let message = iter::repeat_with(next).take(30).flatten().next();
            let message = message.expect("a message").unwrap();
            let text = message.payload_view::<str>().unwrap().unwrap();
            let remote = tracel::propagate::rdkafka::extract(&message);
            assert_eq!(
                remote.is_some(),
                tracel::propagate::rdkafka::extract(&message.detach()).is_some(),
                "a copy says the same"
            );
            tracel::request_span(remote)
                .in_scope(|| log_info!(SysLog("worked", attempt = text.parse::<u32>().unwrap())));
        }
    });
    let of = |message: &str| -> Vec<&Value> {
        let is_it = |record: &&Value| record["message"] == message;
        records.iter().filter(is_it).collect()
    };
    let (asked, worked) = (of("asked"), of("worked"));
    assert_eq!((asked.len(), worked.len()), (100, 102));
    let mut others = HashSet::new();
    for work in worked {
        let Some(id) = ids.get(work["metadata"]["attempt"].as_u64().unwrap() as usize) else {
            others.insert(work["event_id"].as_str().unwrap());
            assert!(work["metadata"].get("tenant").is_none());
            continue;
        };
        assert_eq!(work["event_id"], id.to_string());
        assert_eq!(work["metadata"]["tenant"], "acme", "it travels along: {work}");
        let ask = asked
            .iter()
            .find(|ask| ask["event_id"] == work["event_id"])
            .unwrap();
        assert_eq!(work["parent_span_id"], ask["span_id"]);
    }
    assert_eq!(others.len(), 2, "each is a request of its own");
    assert!(!others.iter().any(|id| id.starts_with("00000000")));
}

#[test]
fn a_header_stands_once_and_the_last_counts() {
    let header = |key, value: &'static str| Header {
        key,
        value: Some(value),
    };
    let mut headers = OwnedHeaders::new()
        .insert(header("baggage", "a=1"))
        .insert(header("kept", "x"))
        .insert(Header::<&[u8]> {
            key: "bytes",
            value: Some(&b"\xff"[..]),
        })
        .insert(header("baggage", "a=2"));
    assert_eq!(Carrier::get(&headers, "baggage"), Some("a=2"));
    assert_eq!(Carrier::get(&headers, "bytes"), None);
    headers.set("baggage", "a=3".into());
    headers.set("traceparent", "t".into());
    let all: Vec<_> = headers.iter().map(|header| header.key.to_owned()).collect();
    assert_eq!(all, ["kept", "bytes", "baggage", "traceparent"]);
    assert_eq!(Carrier::get(&headers, "baggage"), Some("a=3"));
}
