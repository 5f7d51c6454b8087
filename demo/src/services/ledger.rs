//! The ledger: books each payment once, over gRPC, on a pool of threads. The messages on the wire are in `rpc`.

pub(crate) mod rpc;

use super::logs::EntryBooked;
use rayon::ThreadPool;
use rpc::{Book, Booked, Entry, LedgerServer};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tonic::Status;
use tracel::{log, log_info, log_warn};
use uuid::Uuid;

/// The ledger, whose books only the threads of a pool touch. Clones share it.
#[derive(Clone)]
pub(crate) struct Ledger {
    books: Arc<Mutex<Books>>,
    pool: Arc<ThreadPool>,
}

#[derive(Default)]
struct Books {
    entries: HashMap<Uuid, u64>,
    balances: HashMap<u64, u64>,
}

/// A ledger without an entry, as a service.
pub(crate) fn server() -> Result<LedgerServer<Ledger>, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .thread_name(|number| format!("books-{number}"))
        .build()?;
    Ok(LedgerServer(Ledger {
        books: Arc::default(),
        pool: Arc::new(pool),
    }))
}

impl Book for Ledger {
    #[tracel::instrument(fields(module = "Booking"), skip_all)]
    async fn book(&self, entry: Entry) -> Result<Booked, Status> {
        let payment_id = Uuid::parse_str(&entry.payment_id)
            .map_err(|error| Status::invalid_argument(format!("payment_id: {error}")))?;
        log_info!(UserLog(entry.user_id, "booking requested", payment_id));
        let Ledger { books, pool } = self.clone();
        // `install` waits for the pool, which no thread of the runtime may.
        let work = tracel::spawn_blocking(move || {
            tracel::rayon::install(&pool, || post(&books, payment_id, entry.user_id, entry.amount))
        });
        let entry_id = work.await.map_err(|error| Status::internal(error.to_string()))?;
        let entry_id = entry_id.ok_or_else(|| Status::already_exists("the payment was booked before"))?;
        Ok(Booked { entry_id })
    }
}

/// Runs on the pool. Gives the entry's number; `None` when the payment was booked before.
#[tracel::instrument(fields(module = "Balances"), skip_all)]
fn post(books: &Mutex<Books>, payment_id: Uuid, user_id: u64, amount: u64) -> Option<u64> {
    let added = books
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .add(payment_id, user_id, amount);
    let Some((entry_id, balance)) = added else {
        log_warn!(UserLog(user_id, "booked before", payment_id));
        return None;
    };
    log!(EntryBooked {
        payment_id,
        entry_id,
        amount,
        balance: Some(balance)
    });
    Some(entry_id)
}

impl Books {
    /// The entry's number and the new balance; `None` when the payment was booked before.
    fn add(&mut self, payment_id: Uuid, user_id: u64, amount: u64) -> Option<(u64, u64)> {
        let number = self.entries.len() as u64 + 1;
        if self.entries.contains_key(&payment_id) {
            return None;
        }
        self.entries.insert(payment_id, number);
        let balance = self.balances.entry(user_id).or_default();
        *balance = balance.saturating_add(amount);
        Some((number, *balance))
    }
}
