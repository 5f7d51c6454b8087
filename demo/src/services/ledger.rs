//! The ledger: books each payment once.

use super::logs::EntryBooked;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tracel::{log, log_warn};
use uuid::Uuid;

/// What is to be booked.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    pub(crate) payment_id: Uuid,
    pub(crate) user_id: u64,
    pub(crate) amount: u64,
}

#[derive(Default)]
struct Books {
    entries: HashMap<Uuid, u64>,
    balances: HashMap<u64, u64>,
}

type Ledger = Arc<Mutex<Books>>;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/entries", post(book))
        .with_state(Ledger::default())
}

#[tracel::instrument(fields(module = "Booking"), skip_all)]
async fn book(State(ledger): State<Ledger>, Json(entry): Json<Entry>) -> StatusCode {
    let Entry {
        payment_id,
        user_id,
        amount,
    } = entry;
    let Some((entry_id, balance)) = ledger.lock().unwrap_or_else(PoisonError::into_inner).add(&entry) else {
        log_warn!(UserLog(user_id, "booked before", payment_id));
        return StatusCode::CONFLICT;
    };
    log!(EntryBooked {
        payment_id,
        entry_id,
        amount,
        balance: Some(balance)
    });
    StatusCode::CREATED
}

impl Books {
    /// The entry's number and the new balance; `None` when the payment was booked before.
    fn add(&mut self, entry: &Entry) -> Option<(u64, u64)> {
        let number = self.entries.len() as u64 + 1;
        if self.entries.contains_key(&entry.payment_id) {
            return None;
        }
        self.entries.insert(entry.payment_id, number);
        let balance = self.balances.entry(entry.user_id).or_default();
        *balance = balance.saturating_add(entry.amount);
        Some((number, *balance))
    }
}
