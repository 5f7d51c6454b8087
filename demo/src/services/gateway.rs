//! The gateway: what shops talk to. It asks the payment service, waits no longer than a customer would, and
//! leaves the receipt to a topic.

use super::{
    logs::{Currency, PaymentAsked},
    queue::{Queue, Receipt},
    upstream::{CallError, Upstream},
};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tracel::{log, log_error, log_info, log_warn};
use uuid::Uuid;

/// How long a customer waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a shop sends.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    pub(crate) user_id: u64,
    pub(crate) amount: u64,
    #[serde(with = "CurrencyDef")]
    pub(crate) currency: Currency,
    pub(crate) card: String,
    /// Where the receipt goes.
    pub(crate) email: String,
}

/// What the payment service gets.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Capture {
    pub(crate) payment_id: Uuid,
    pub(crate) user_id: u64,
    pub(crate) amount: u64,
    #[serde(with = "CurrencyDef")]
    pub(crate) currency: Currency,
    pub(crate) card: String,
}

/// The generated enum knows nothing of serde; this is how a currency travels.
#[derive(Deserialize, Serialize)]
#[serde(remote = "Currency", rename_all = "UPPERCASE")]
enum CurrencyDef {
    Eur,
    Usd,
    Gbp,
}

pub(crate) fn router(payment: Upstream, receipts: Queue) -> Router {
    Router::new()
        .route("/payments", post(pay))
        .with_state((payment, receipts))
}

#[tracel::instrument(fields(module = "Checkout", event_id = %generate_event_id()), skip_all)]
async fn pay(State((payment, receipts)): State<(Upstream, Queue)>, Json(order): Json<Order>) -> StatusCode {
    let Order {
        user_id,
        amount,
        currency,
        card,
        email,
    } = order;
    let payment_id = Uuid::new_v4();
    log!(PaymentAsked {
        user_id,
        payment_id,
        amount,
        currency,
        card: Some(&card)
    });

    let capture = Capture {
        payment_id,
        user_id,
        amount,
        currency,
        card,
    };
    match tokio::time::timeout(PATIENCE, payment.post("/captures", &capture)).await {
        Ok(Ok(())) => {
            log_info!(UserLog(user_id, "payment answered", status = 201, payment_id));
            let receipt = Receipt {
                user_id,
                payment_id,
                email,
            };
            // The customer has paid: a receipt that is late is no reason to say otherwise.
            if let Err(error) = receipts.send(&receipt) {
                log_error!(UserLog(
                    user_id,
                    "receipt not queued",
                    error = &*error,
                    payment_id
                ));
            }
            StatusCode::CREATED
        }
        Ok(Err(CallError::Refused(StatusCode::PAYMENT_REQUIRED))) => {
            log_warn!(UserLog(user_id, "payment refused", status = 402, payment_id));
            StatusCode::PAYMENT_REQUIRED
        }
        Ok(Err(error)) => {
            log_error!(UserLog(
                user_id,
                "payment failed",
                error = &error,
                status = 502,
                payment_id
            ));
            StatusCode::BAD_GATEWAY
        }
        Err(elapsed) => {
            log_error!(UserLog(
                user_id,
                "payment timed out",
                error = &elapsed,
                status = 504,
                waited = PATIENCE,
                payment_id
            ));
            StatusCode::GATEWAY_TIMEOUT
        }
    }
}
