//! Kafka for the demo: brokers of the user's, or one that librdkafka plays in this process.

use crate::{Fault, services::TOPIC};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::RDKafkaErrorCode,
};
use std::time::Duration;

/// How long a broker has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Brokers with the topic of receipts.
pub(crate) enum Brokers {
    /// The user's.
    Own(String),
    /// Played here, for as long as this lives.
    Played(MockCluster<'static, DefaultProducerContext>),
}

impl Brokers {
    /// The ones at this address, else played ones.
    pub(crate) async fn open(address: Option<&str>) -> Result<Brokers, Fault> {
        let Some(address) = address else {
            let cluster = MockCluster::new(1)?;
            cluster.create_topic(TOPIC, 3, 1)?;
            return Ok(Brokers::Played(cluster));
        };
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", address).create()?;
        // Many a cluster makes a topic when it is asked for, and lets nobody else make one.
        let metadata = admin.inner().fetch_metadata(Some(TOPIC), PATIENCE).map_err(|error| {
            format!("--kafka {address}: no broker answers ({error}); without --kafka the demo plays one itself")
        })?;
        if metadata
            .topics()
            .iter()
            .any(|topic| !topic.partitions().is_empty())
        {
            return Ok(Brokers::Own(address.to_string()));
        }
        let topic = NewTopic::new(TOPIC, 3, TopicReplication::Fixed(1));
        for result in admin.create_topics([&topic], &AdminOptions::new()).await? {
            match result {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((topic, code)) => return Err(format!("the topic {topic} cannot be made: {code}").into()),
            }
        }
        Ok(Brokers::Own(address.to_string()))
    }

    /// `HOST:PORT,..`
    pub(crate) fn address(&self) -> String {
        match self {
            Brokers::Own(address) => address.clone(),
            Brokers::Played(cluster) => cluster.bootstrap_servers(),
        }
    }

    /// What they are, for people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Brokers::Own(address) => format!("brokers at {address}"),
            Brokers::Played(_) => format!("a broker that librdkafka plays, at {}", self.address()),
        }
    }
}
