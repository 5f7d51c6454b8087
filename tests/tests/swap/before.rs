//! A service that pays refunds, written with plain `tracing`: an HTTP interface, a worker behind a channel, a bank that is
//! asked again, a nightly sweep on a thread.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};
use uuid::Uuid;

/// How often the bank is asked when it is busy.
const ATTEMPTS: u32 = 3;

/// How many refunds may wait for the worker.
const WAITING: usize = 64;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Refund {
    pub payment_id: Uuid,
    pub user_id: u64,
    pub amount: u64,
    pub reason: String,
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    Waiting,
    Paid,
    Failed(String),
}

/// The refunds of this service.
#[derive(Clone, Default)]
pub struct Refunds {
    all: Arc<Mutex<HashMap<Uuid, (Refund, Status)>>>,
}

impl Refunds {
    fn set(&self, refund: &Refund, status: Status) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(refund.payment_id, (refund.clone(), status));
    }

    fn status(&self, payment_id: Uuid) -> Option<Status> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&payment_id).map(|(_, status)| status.clone())
    }

    fn failed(&self) -> Vec<Refund> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = all
            .values()
            .filter(|(_, status)| matches!(status, Status::Failed(_)));
        failed.map(|(refund, _)| refund.clone()).collect()
    }
}

/// Why a refund was not paid.
#[derive(Debug)]
pub enum RefundError {
    Busy { attempts: u32 },
    Bank(BankError),
}

impl fmt::Display for RefundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefundError::Busy { attempts } => write!(f, "the bank was busy {attempts} times"),
            RefundError::Bank(_) => f.write_str("the bank refused the refund"),
        }
    }
}

impl Error for RefundError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            RefundError::Busy { .. } => None,
            RefundError::Bank(error) => Some(error),
        }
    }
}

/// What the bank answered.
#[derive(Debug, PartialEq)]
pub enum BankError {
    Busy,
    AccountClosed,
}

impl fmt::Display for BankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BankError::Busy => f.write_str("503 busy"),
            BankError::AccountClosed => f.write_str("410 account closed"),
        }
    }
}

impl Error for BankError {}

#[derive(Clone)]
pub struct Service {
    pub refunds: Refunds,
    queue: mpsc::Sender<Refund>,
}

/// The service's routes, and its worker, which ends with them.
pub fn service() -> (Router, Service) {
    let (queue, waiting) = mpsc::channel(WAITING);
    let refunds = Refunds::default();
    tokio::spawn(work(refunds.clone(), waiting));
    let service = Service { refunds, queue };
    let router = Router::new()
        .route("/refunds", post(ask))
        .route("/refunds/{payment_id}", get(show))
        .with_state(service.clone());
    info!("refunds are served");
    (router, service)
}

/// `POST /refunds`: a refund is asked for, and will be paid.
#[tracing::instrument(skip_all)]
async fn ask(State(service): State<Service>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let refund = match read(&body) {
        Ok(refund) => refund,
        Err(missing) => {
            warn!(reason = missing, "a refund that cannot be read");
            return (StatusCode::BAD_REQUEST, Json(json!({ "missing": missing })));
        }
    };
    let Refund {
        payment_id,
        user_id,
        amount,
        ..
    } = refund;
    info!(user_id, %payment_id, amount, "refund asked");
    if service.refunds.status(payment_id) == Some(Status::Paid) {
        info!(user_id, %payment_id, "refunded before");
        return (
            StatusCode::CONFLICT,
            Json(json!({ "payment_id": payment_id.to_string() })),
        );
    }
    service.refunds.set(&refund, Status::Waiting);
    if let Err(full) = service.queue.send(refund).await {
        error!(user_id, %payment_id, error = %full, "the worker is gone");
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Value::Null));
    }
    (
        StatusCode::ACCEPTED,
        Json(json!({ "payment_id": payment_id.to_string() })),
    )
}

fn read(body: &Value) -> Result<Refund, &'static str> {
    Ok(Refund {
        payment_id: body["payment_id"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or("payment_id")?,
        user_id: body["user_id"].as_u64().ok_or("user_id")?,
        amount: body["amount"].as_u64().ok_or("amount")?,
        reason: body["reason"].as_str().ok_or("reason")?.to_owned(),
    })
}

/// `GET /refunds/{payment_id}`: where a refund stands.
#[tracing::instrument(skip_all)]
async fn show(State(service): State<Service>, Path(payment_id): Path<String>) -> (StatusCode, Json<Value>) {
    let payment_id = payment_id.parse().unwrap_or_default();
    let Some(status) = service.refunds.status(payment_id) else {
        debug!(%payment_id, "no such refund");
        return (StatusCode::NOT_FOUND, Json(Value::Null));
    };
    let text = match status {
        Status::Waiting => "waiting".to_owned(),
        Status::Paid => "paid".to_owned(),
        Status::Failed(why) => why,
    };
    (StatusCode::OK, Json(json!({ "status": text })))
}

/// The worker: pays one refund after another.
async fn work(refunds: Refunds, mut waiting: mpsc::Receiver<Refund>) {
    while let Some(refund) = waiting.recv().await {
        pay(&refunds, &refund).await;
    }
    info!("the worker is done");
}

#[tracing::instrument(skip_all, fields(user_id = refund.user_id))]
async fn pay(refunds: &Refunds, refund: &Refund) {
    let Refund {
        payment_id,
        user_id,
        amount,
        ref reason,
    } = *refund;
    match transfer(refund).await {
        Ok(attempt) => {
            refunds.set(refund, Status::Paid);
            info!(user_id, %payment_id, amount, attempt, "refund paid");
        }
        Err(failure) => {
            refunds.set(refund, Status::Failed(failure.to_string()));
            error!(user_id, %payment_id, reason, error = %failure, "refund failed");
        }
    }
}

/// Asks the bank, again when it is busy.
#[tracing::instrument(skip_all)]
async fn transfer(refund: &Refund) -> Result<u32, RefundError> {
    for attempt in 1..=ATTEMPTS {
        match bank(refund, attempt).await {
            Ok(()) => {
                debug!(attempt, "the bank took it");
                return Ok(attempt);
            }
            Err(BankError::Busy) => {
                warn!(attempt, "the bank is busy");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Err(refusal) => return Err(RefundError::Bank(refusal)),
        }
    }
    Err(RefundError::Busy { attempts: ATTEMPTS })
}

/// Stands for the bank: it is busy for odd users at first, for users of the hundreds always, and knows no user 13.
async fn bank(refund: &Refund, attempt: u32) -> Result<(), BankError> {
    tokio::task::yield_now().await;
    match refund.user_id {
        13 => Err(BankError::AccountClosed),
        user_id if user_id % 100 == 0 => Err(BankError::Busy),
        user_id if user_id % 2 == 1 && attempt == 1 => Err(BankError::Busy),
        _ => Ok(()),
    }
}

/// What the night does with the refunds that failed: they are queued again. Gives their number.
#[tracing::instrument(skip_all)]
pub async fn sweep(service: Service) -> u32 {
    let refunds = service.refunds.clone();
    let failed = tokio::task::spawn_blocking(move || {
        let failed = refunds.failed();
        debug!("swept");
        failed
    })
    .await
    .unwrap_or_default();
    let mut swept = 0;
    for refund in failed {
        let (user_id, payment_id) = (refund.user_id, refund.payment_id);
        service.refunds.set(&refund, Status::Waiting);
        if service.queue.send(refund).await.is_ok() {
            info!(user_id, %payment_id, "refund queued again");
            swept += 1;
        }
    }
    swept
}
