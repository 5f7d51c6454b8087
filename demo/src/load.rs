//! The load: payments as shops send them, at a steady rate, whatever the answers take.

use crate::{
    services::{
        gateway::Order,
        logs::Currency,
        payment::cards,
        upstream::{CallError, Upstream},
    },
    show,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use std::time::Duration;
use tokio::{task::JoinSet, time::Instant};
use tracel::task::JoinSetExt;
use uuid::Uuid;

/// What a payment will run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    Good,
    /// The bank is busy at first.
    BusyAtFirst,
    /// The bank declines.
    Declined,
    /// The bank answers later than the customer waits.
    Slow,
    /// Everything goes well, but for the receipt, which another service sends later.
    ReceiptFails,
}

/// What became of a payment.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    pub(crate) event_id: Uuid,
    /// The gateway's answer; `None` when there was none.
    pub(crate) status: Option<StatusCode>,
}

impl Outcome {
    /// The failed request that is shown: the one that failed in the background; on a machine so busy that it did not get
    /// there, another that failed.
    pub(crate) fn to_show(outcomes: &[Outcome]) -> Option<&Outcome> {
        let in_background = |outcome: &&Outcome| outcome.kind == Kind::ReceiptFails && outcome.is_created();
        outcomes
            .iter()
            .find(in_background)
            .or_else(|| outcomes.iter().find(|outcome| !outcome.is_created()))
    }

    /// Whether the customer was told that all is well.
    pub(crate) fn is_created(&self) -> bool {
        self.status == Some(StatusCode::CREATED)
    }
}

impl Kind {
    /// Of the payment with this number: a mix that is the same in every run. One receipt fails.
    fn of(number: u32, count: u32) -> Kind {
        match number % 20 {
            _ if number == count / 2 => Kind::ReceiptFails,
            3 | 14 => Kind::Declined,
            7 => Kind::Slow,
            11 => Kind::BusyAtFirst,
            _ => Kind::Good,
        }
    }

    fn order(self, number: u32) -> Order {
        let card = match self {
            Kind::Good | Kind::ReceiptFails => cards::GOOD,
            Kind::BusyAtFirst => cards::BUSY_AT_FIRST,
            Kind::Declined => cards::DECLINED,
            Kind::Slow => cards::SLOW,
        };
        let user_id = 1000 + u64::from(number % 97);
        let domain = if self == Kind::ReceiptFails {
            "mail.invalid"
        } else {
            "mail.example"
        };
        Order {
            user_id,
            amount: fastrand::u64(100..50_000),
            currency: [Currency::Eur, Currency::Usd, Currency::Gbp][number as usize % 3],
            card: card.into(),
            email: format!("customer{user_id}@{domain}"),
        }
    }
}

/// Sends `count` payments at `rate` a second.
pub(crate) async fn run(gateway: Upstream, count: u32, rate: u32) -> Vec<Outcome> {
    let progress = show::Progress::new("load", u64::from(count));
    let start = Instant::now();
    let mut running = JoinSet::new();
    let mut outcomes = Vec::new();
    for number in 0..count {
        let due = start + Duration::from_secs(1) * number / rate;
        while let Ok(Some(done)) = tokio::time::timeout_at(due, running.join_next()).await {
            outcomes.extend(done);
            progress.set(outcomes.len() as u64);
        }
        tokio::time::sleep_until(due).await;
        running.spawn_in_context(pay(gateway.clone(), Kind::of(number, count), number));
    }
    while let Some(done) = running.join_next().await {
        outcomes.extend(done);
        progress.set(outcomes.len() as u64);
    }
    outcomes
}

/// One payment. A shop's own system begins the trace, as the W3C has it: its trace-id is the event_id.
async fn pay(gateway: Upstream, kind: Kind, number: u32) -> Outcome {
    let event_id = tracel::generate_event_id().uuid();
    let traceparent = format!("00-{}-{:016x}-01", event_id.simple(), fastrand::u64(1..));
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&traceparent) {
        headers.insert("traceparent", value);
    }
    let status = match gateway.send("/payments", headers, &kind.order(number)).await {
        Ok(status) => Some(status),
        Err(CallError::Refused(status)) => Some(status),
        Err(CallError::Failed(_)) => None,
    };
    Outcome {
        kind,
        event_id,
        status,
    }
}
