//! The types that fields admit, and what stands in the record. What they refuse is in `ui-tests`.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, SCHEMA};
use serde_json::{Value, json};
use std::{borrow::Cow, error::Error, fmt, rc::Rc, sync::Arc};
use tracel::{Uuid, log_debug, log_error, log_info};
use tracel_tests::records;

/// What stands under `metadata` in the first record.
fn metadata(run: impl FnOnce()) -> Value {
    records(SCHEMA, run)[0]["metadata"].clone()
}

type Account = u64;
type Maybe<T> = Option<T>;

#[derive(tracel::Field, Clone, Copy)]
struct AccountId(u64);

#[derive(tracel::Field)]
struct Tenant<'a>(Cow<'a, str>);

#[derive(tracel::Field)]
struct Named<T> {
    name: T,
}

#[derive(tracel::Field)]
struct Wrapped(Box<dyn Error + Send + Sync>);

#[derive(tracel::Field)]
struct Reported(anyhow::Error);

/// An error with a cause.
#[derive(Debug)]
struct Refused(std::io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn refused() -> Refused {
    Refused(std::io::Error::other("limit"))
}

#[test]
fn aliases_and_newtypes_are_what_they_hold() {
    let account: Account = 7;
    let maybe: Maybe<Account> = Some(8);
    let found = metadata(|| {
        log_info!(UserLog(
            account,
            "asked",
            amount = maybe,
            tenant = Tenant("acme".into()),
            reason = &Named { name: "why" }
        ));
    });
    assert_eq!(
        found,
        json!({"user_id": 7, "amount": 8, "tenant": "acme", "reason": "why"})
    );
    let found = metadata(|| log_info!(UserLog(AccountId(9), "asked", amount = Some(AccountId(1)))));
    assert_eq!(found, json!({"user_id": 9, "amount": 1}));
}

#[test]
fn what_points_to_a_value_is_the_value() {
    let (owned, shared): (String, Arc<str>) = ("acme".to_owned(), "arc".into());
    let (number, boxed) = (&&7u64, Box::new(8u64));
    let found = metadata(|| {
        log_info!(UserLog(
            number,
            "asked",
            amount = boxed,
            tenant = &owned,
            reason = shared,
            attempt = Rc::new(1u8)
        ));
    });
    assert_eq!(
        found,
        json!({"user_id": 7, "amount": 8, "tenant": "acme", "reason": "arc", "attempt": 1})
    );
    let cow: Cow<'_, str> = Cow::Borrowed("cow");
    let found = metadata(|| log_info!(SysLog("asked", tenant = cow, reason = Some(&owned))));
    assert_eq!(found, json!({"tenant": "cow", "reason": "acme"}));
}

#[test]
fn numbers_widen_and_those_without_a_type_take_the_fields() {
    let (user_id, attempt, balance) = (1, 2, -3);
    let items = [4, 5];
    let found = metadata(|| log_info!(UserLog(user_id, "asked", attempt, balance, items)));
    assert_eq!(
        found,
        json!({"user_id": 1, "attempt": 2, "balance": -3, "items": [4, 5]})
    );
    let _: (u64, u32, i64, [u32; 2]) = (user_id, attempt, balance, items);
    let (byte, word, size) = (1u8, 2u16, 3usize);
    let found = metadata(|| {
        log_info!(UserLog(
            byte,
            "asked",
            attempt = word,
            amount = size,
            balance = word,
            items = [byte]
        ));
    });
    assert_eq!(
        found,
        json!({"user_id": 1, "attempt": 2, "amount": 3, "balance": 2, "items": [1]})
    );
    let text = "42";
    let found = metadata(|| {
        log_info!(SysLog(
            "asked",
            user_id = text.parse().unwrap(),
            items = (0..2).collect()
        ))
    });
    assert_eq!(found, json!({"user_id": 42, "items": [0, 1]}));
}

#[test]
fn an_error_is_its_chain_whatever_holds_it() {
    let said = |run: fn()| metadata(run)["error"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        said(|| log_info!(SysLog("failed", error = refused()))),
        "refused: limit"
    );
    assert_eq!(
        said(|| log_info!(SysLog("failed", error = &Some(refused())))),
        "refused: limit"
    );
    let boxed: fn() -> Box<dyn Error> = || Box::new(refused());
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = boxed())))["error"],
        "refused: limit"
    );
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = &boxed())))["error"],
        "refused: limit"
    );
    let sync: Box<dyn Error + Send + Sync> = Box::new(refused());
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = &sync)))["error"],
        "refused: limit"
    );
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = Wrapped(sync))))["error"],
        "refused: limit"
    );
    let arc: Arc<dyn Error + Send + Sync> = Arc::new(refused());
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = arc)))["error"],
        "refused: limit"
    );
}

#[test]
fn the_reports_of_anyhow_and_eyre_are_errors() {
    use anyhow::Context;
    let failed = || Err::<(), _>(refused()).context("charge").unwrap_err();
    let chain = "charge: refused: limit";
    let error = failed();
    assert_eq!(metadata(|| log_error!(SysLog("failed", error)))["error"], chain);
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = &error)))["error"],
        chain
    );
    assert_eq!(
        metadata(|| log_info!(SysLog("failed", error = Some(&error))))["error"],
        chain
    );
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = Arc::new(failed()))))["error"],
        chain
    );
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = &*error)))["error"],
        chain
    );
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = Reported(failed()))))["error"],
        chain
    );
    let report = eyre::Report::new(refused()).wrap_err("charge");
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = &report)))["error"],
        chain
    );
    assert_eq!(
        metadata(|| log_error!(SysLog("failed", error = report)))["error"],
        chain
    );
    let records = records(SCHEMA, || log_debug!(SysLog("failed", why = failed())));
    assert_eq!(records[0]["extra"]["why"], chain);
}

/// An event that owns its error, and one that is generic.
#[derive(tracel::SysLog)]
#[log(message = "charge refused", level = "error")]
struct ChargeFailed<'a, T: tracel::Field<tracel::ty::string>> {
    error: anyhow::Error,
    tenant: &'a T,
    attempt: Option<u8>,
}

#[test]
fn events_take_them_too() {
    let found = metadata(|| {
        tracel::log!(ChargeFailed {
            error: anyhow::anyhow!("gone"),
            tenant: &Named { name: "acme" },
            attempt: None
        });
    });
    assert_eq!(found, json!({"error": "gone", "tenant": "acme"}));
}

fn settle<T, E>(amount: T, error: &E)
where
    T: tracel::Field<tracel::ty::u64>,
    E: Error,
{
    log_error!(SysLog("failed", amount, error));
}

#[test]
fn a_generic_value_with_a_bound_is_logged() {
    assert_eq!(
        metadata(|| settle(AccountId(5), &refused())),
        json!({"amount": 5, "error": "refused: limit"})
    );
}

/// What `err` logs of each.
mod failing {
    use super::*;

    #[tracel::instrument(err)]
    pub(super) fn by_anyhow() -> anyhow::Result<()> {
        Err(anyhow::Error::new(refused()).context("charge"))
    }

    #[tracel::instrument(err)]
    pub(super) async fn by_eyre() -> Result<u64, eyre::Report> {
        Err(refused())?;
        Ok(7)
    }

    #[tracel::instrument(err)]
    pub(super) fn by_box() -> Result<(), Box<dyn Error>> {
        std::fs::read("/nowhere/at all")?;
        Ok(())
    }

    #[tracel::instrument(err)]
    pub(super) fn by_arc() -> Result<(), Arc<anyhow::Error>> {
        Err(Arc::new(anyhow::anyhow!("gone")))
    }

    #[tracel::instrument(err)]
    pub(super) fn by_itself<E: Error>(error: E) -> Result<(), E> {
        Err(error)
    }
}

#[test]
fn an_instrumented_function_logs_what_it_returns_as_err() {
    let errors = |run: &dyn Fn()| {
        let records = records(SCHEMA, run);
        let errors: Vec<Value> = records
            .iter()
            .map(|record| record["metadata"]["error"].clone())
            .collect();
        assert!(records.iter().all(|record| record["level"] == "ERROR"));
        errors
    };
    assert_eq!(errors(&|| drop(failing::by_anyhow())), ["charge: refused: limit"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(
        errors(&|| drop(runtime.block_on(failing::by_eyre()))),
        ["refused: limit"]
    );
    assert_eq!(
        errors(&|| drop(failing::by_box())),
        ["No such file or directory (os error 2)"]
    );
    assert_eq!(errors(&|| drop(failing::by_arc())), ["gone"]);
    assert_eq!(
        errors(&|| drop(failing::by_itself(refused()))),
        ["refused: limit"]
    );
}

#[test]
fn what_has_only_a_text_is_logged_by_it() {
    let found = metadata(|| {
        log_info!(SysLog(
            "asked",
            tenant = tracel::display(Uuid::nil()),
            reason = tracel::debug(&(1, "a")),
            currency = Currency::Eur
        ));
    });
    assert_eq!(
        found,
        json!({"tenant": "00000000-0000-0000-0000-000000000000", "reason": "(1, \"a\")", "currency": "EUR"})
    );
}
