//! What an error of librdkafka's means for the batch, and what is to be done about it.

use crate::sink::SendError;
use rdkafka::{error::KafkaError, types::RDKafkaErrorCode as Code};

/// What a message holds, and its size, are to blame for a few errors alone. For all others someone has to mend something,
/// or they pass.
pub(super) fn verdict(error: &KafkaError) -> SendError {
    let Some(code) = error.rdkafka_error_code() else {
        return SendError::retry(error);
    };
    let why = format!("{code}{}", hint(code));
    match code {
        Code::MessageSizeTooLarge
        | Code::InvalidMessageSize
        | Code::MessageBatchTooLarge
        | Code::InvalidRecord => SendError::refused(why),
        _ => SendError::retry(why),
    }
}

pub(super) fn hint(code: Code) -> &'static str {
    match code {
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
            " (does the topic exist? create it, or set the broker's auto.create.topics.enable)"
        }
        Code::InvalidTopic => " (is the topic's name in the sink's address right?)",
        Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed => {
            " (may this user write to the topic? it needs the ACLs Write and Describe, before Kafka 2.8 also IdempotentWrite)"
        }
        Code::Authentication | Code::SaslAuthenticationFailed | Code::UnsupportedSASLMechanism => {
            " (is the login right? it stands in the sink's address or TRACEL_KAFKA_USERNAME and TRACEL_KAFKA_PASSWORD)"
        }
        Code::SSL => {
            " (does the broker speak TLS on this port, and is its certificate trusted? see `tls` and `ca`)"
        }
        Code::Resolve => " (is the broker's name in the sink's address right?)",
        Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::MessageTimedOut
        | Code::OperationTimedOut => {
            " (is the broker up, reachable at its advertised listeners, and are the topic's replicas in sync?)"
        }
        Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend => {
            " (are enough of the topic's replicas in sync? see min.insync.replicas)"
        }
        Code::UnsupportedCompressionType => " (does the broker take this `compression`?)",
        Code::MessageSizeTooLarge => " (larger than the topic takes: see max.message.bytes)",
        _ => "",
    }
}
