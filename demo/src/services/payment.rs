//! The payment service: asks the bank for the money, and has the ledger book it.

use super::{
    gateway::Capture,
    ledger::rpc::{Entry, LedgerClient},
    logs::{PaymentCaptured, PaymentDeclined},
};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use std::{fmt, time::Duration};
use tonic::Status;
use tracel::{log, log_error, log_info, log_warn};

/// How often the bank is asked when it is busy.
const ATTEMPTS: u32 = 3;

/// Cards that the bank knows, in the manner of a payment provider's test cards.
pub(crate) mod cards {
    pub(crate) const GOOD: &str = "4242424242424242";
    pub(crate) const DECLINED: &str = "4000000000000002";
    pub(crate) const BUSY_AT_FIRST: &str = "4000000000000119";
    pub(crate) const SLOW: &str = "4000000000006975";
}

pub(crate) fn router(ledger: LedgerClient) -> Router {
    Router::new().route("/captures", post(capture)).with_state(ledger)
}

#[tracel::instrument(fields(module = "Capture"), skip_all)]
async fn capture(State(ledger): State<LedgerClient>, Json(capture): Json<Capture>) -> StatusCode {
    log_info!(UserLog(
        capture.user_id,
        "capture requested",
        payment_id = capture.payment_id
    ));
    // A caller that gives up cancels this handler: what has begun must come to its end without it.
    match tracel::spawn(settle(ledger, capture)).await {
        Ok(Ok(())) => StatusCode::CREATED,
        Ok(Err(CaptureError::Declined { .. })) => StatusCode::PAYMENT_REQUIRED,
        Ok(Err(_)) => StatusCode::BAD_GATEWAY,
        Err(error) => {
            log_error!(SysLog("the settlement broke off", error = &error));
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[tracel::instrument(fields(module = "Settlement"), skip_all)]
async fn settle(ledger: LedgerClient, capture: Capture) -> Result<(), CaptureError> {
    let Capture {
        payment_id,
        user_id,
        amount,
        currency,
        card,
    } = capture;
    match charge(&card).await {
        Ok(()) => {}
        Err(error @ CaptureError::Declined { code }) => {
            log!(PaymentDeclined {
                user_id,
                payment_id,
                code
            });
            return Err(error);
        }
        Err(error) => {
            log_error!(UserLog(
                user_id,
                "the bank gave no answer",
                error = &error,
                payment_id
            ));
            return Err(error);
        }
    }
    let entry = Entry {
        payment_id: payment_id.to_string(),
        user_id,
        amount,
    };
    if let Err(error) = ledger.book(entry).await {
        log_error!(UserLog(
            user_id,
            "captured, but not booked",
            error = &error,
            payment_id
        ));
        return Err(CaptureError::Ledger(Box::new(error)));
    }
    log!(PaymentCaptured {
        user_id,
        payment_id,
        amount,
        currency
    });
    Ok(())
}

/// Asks the bank, again when it is busy.
#[tracel::instrument(fields(module = "Bank"), skip_all)]
async fn charge(card: &str) -> Result<(), CaptureError> {
    for attempt in 1..=ATTEMPTS {
        match bank(card, attempt).await {
            "busy" => log_warn!(SysLog("the bank is busy", attempt)),
            "approved" => {
                log_info!(SysLog("the bank approved", attempt));
                return Ok(());
            }
            code => return Err(CaptureError::Declined { code }),
        }
    }
    Err(CaptureError::Busy)
}

/// Stands for the bank.
async fn bank(card: &str, attempt: u32) -> &'static str {
    let milliseconds = if card == cards::SLOW {
        1500
    } else {
        fastrand::u64(5..30)
    };
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    match card {
        cards::DECLINED => "insufficient_funds",
        cards::BUSY_AT_FIRST if attempt == 1 => "busy",
        _ => "approved",
    }
}

#[derive(Debug)]
enum CaptureError {
    Declined { code: &'static str },
    Busy,
    Ledger(Box<Status>),
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaptureError::Declined { code } => write!(f, "declined: {code}"),
            CaptureError::Busy => f.write_str("the bank stayed busy"),
            CaptureError::Ledger(_) => f.write_str("the ledger did not book it"),
        }
    }
}

impl std::error::Error for CaptureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CaptureError::Ledger(error) => Some(&**error),
            CaptureError::Declined { .. } | CaptureError::Busy => None,
        }
    }
}
