//! Sends the receipts: reads them from a topic in one runtime, and sends each by mail in another. A receipt's records belong
//! to the request that asked for it, long after the customer has the answer.

use super::queue::Receipt;
use crate::Fault;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::BorrowedMessage,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};
use tracel::{log_error, log_info, log_warn, propagate::rdkafka::extract};

/// How long a broker has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the worker looks whether its end has come.
const LOOK: Duration = Duration::from_millis(100);

/// Reads a topic from where it ended when the worker began.
pub(crate) struct Worker {
    consumer: BaseConsumer,
    topic: String,
    /// The next offset of each partition.
    next: BTreeMap<i32, i64>,
    mail: Runtime,
    sending: Vec<JoinHandle<()>>,
}

impl Worker {
    /// A worker on a topic of these brokers. There is one of it, so no group shares the partitions out.
    pub(crate) fn new(brokers: &str, topic: &str) -> Result<Worker, Fault> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", "demo")
            .set("enable.auto.commit", "false")
            .create()?;
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
        let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
        let mut next = BTreeMap::new();
        let mut list = TopicPartitionList::new();
        for id in partitions.map(|partition| partition.id()) {
            let (_, end) = consumer.fetch_watermarks(topic, id, PATIENCE)?;
            list.add_partition_offset(topic, id, Offset::Offset(end))?;
            next.insert(id, end);
        }
        if next.is_empty() {
            return Err(format!("the topic {topic} has no partition").into());
        }
        consumer.assign(&list)?;
        let mail = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("mail")
            .enable_time()
            .build()?;
        Ok(Worker {
            consumer,
            topic: topic.to_string(),
            next,
            mail,
            sending: Vec::new(),
        })
    }

    /// Works until it is told to end, and then through what the topic holds by then.
    pub(crate) fn run(mut self, is_over: &AtomicBool) -> Result<(), Fault> {
        while !is_over.load(Ordering::Relaxed) {
            self.look();
            self.sending.retain(|task| !task.is_finished());
        }
        self.read_to_end()?;
        let sending = std::mem::take(&mut self.sending);
        self.mail.block_on(async {
            for task in sending {
                // One that panicked has logged it.
                let _ = task.await;
            }
        });
        Ok(())
    }

    fn read_to_end(&mut self) -> Result<(), Fault> {
        let deadline = Instant::now() + PATIENCE;
        let ids: Vec<i32> = self.next.keys().copied().collect();
        for id in ids {
            let (_, end) = self.consumer.fetch_watermarks(&self.topic, id, PATIENCE)?;
            while self.next[&id] < end {
                if Instant::now() > deadline {
                    return Err(format!("the topic {} cannot be read to its end", self.topic).into());
                }
                self.look();
            }
        }
        Ok(())
    }

    /// Takes up the next receipt, if there is one.
    fn look(&mut self) {
        let message = match self.consumer.poll(LOOK) {
            None => return,
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                // The client goes on trying.
                log_warn!(SysLog("the topic of receipts gives none", error = &error));
                return;
            }
        };
        self.next.insert(message.partition(), message.offset() + 1);
        // Only the gateway writes to the topic.
        let remote = extract(&message).map(tracel::RemoteContext::vouched);
        let task = tracel::request_span(remote).in_scope(|| take_up(&message, self.mail.handle()));
        self.sending.extend(task);
    }
}

/// Starts a receipt's way in the runtime for mail.
#[tracel::instrument(fields(module = "Receipts"), skip_all)]
fn take_up(message: &BorrowedMessage<'_>, mail: &Handle) -> Option<JoinHandle<()>> {
    match serde_json::from_slice(message.payload().unwrap_or_default()) {
        Ok(receipt) => {
            let Receipt { payment_id, .. } = receipt;
            log_info!(SysLog("receipt taken from the queue", payment_id));
            Some(tracel::task::spawn_on(mail, send_receipt(receipt)))
        }
        Err(error) => {
            log_error!(SysLog("not a receipt", error = &error));
            None
        }
    }
}

#[tracel::instrument(fields(module = "Mail"), skip_all)]
async fn send_receipt(receipt: Receipt) {
    let Receipt {
        user_id, payment_id, ..
    } = receipt;
    match deliver(&receipt.email).await {
        Ok(()) => log_info!(UserLog(user_id, "receipt sent", payment_id)),
        Err(error) => log_error!(UserLog(user_id, "receipt not sent", error = &error, payment_id)),
    }
}

/// Stands for a mail server: addresses under `.invalid` have no mailbox (RFC 2606).
async fn deliver(email: &str) -> Result<(), MailError> {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(5..20))).await;
    if email.ends_with(".invalid") {
        Err(MailError {
            answer: MailboxUnavailable,
        })
    } else {
        Ok(())
    }
}

#[derive(Debug)]
struct MailError {
    answer: MailboxUnavailable,
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mail server refused the receipt")
    }
}

impl std::error::Error for MailError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.answer)
    }
}

#[derive(Debug)]
struct MailboxUnavailable;

impl fmt::Display for MailboxUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("550 mailbox unavailable")
    }
}

impl std::error::Error for MailboxUnavailable {}
