//! Every form of a log that compiles.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use logs::{ChargeRefused, Currency, PaymentCaptured, RoleGranted};
use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};
use tracel::{Uuid, log, log_debug, log_error, log_info, log_trace, log_warn};

#[derive(tracel::UserLog)]
#[log(event = "refund_asked", message = "refund asked")]
struct RefundAsked<'a> {
    user_id: u64,
    payment_id: Uuid,
    reason: &'a str,
}

#[derive(tracel::SysLog)]
#[log(message = "settled", level = "debug")]
struct Settled<T: tracel::Field<tracel::ty::u64>> {
    amount: T,
    whatever: Vec<u8>,
}

#[derive(tracel::Log)]
#[log(category = "audit", event = "role_taken", message = "role taken")]
struct RoleTaken {
    actor: String,
    reason: String,
}

#[derive(tracel::Field)]
struct Account(u64);

#[derive(tracel::Field)]
struct Tags<'a, T: Clone>(std::borrow::Cow<'a, [T]>);

#[derive(tracel::Field)]
struct Failure {
    inner: std::io::Error,
}

#[test]
fn constructors() {
    let (user_id, tenant, n) = (7u32, "acme", 3usize);
    let order = (5u64, String::from("x"));
    let err = std::io::Error::other("gone");
    log_info!(UserLog(user_id, "capture requested"));
    log_info!(UserLog(user_id, "capture requested",));
    log_info!(UserLog("capture requested", user_id));
    log_info!(UserLog("capture requested", user_id = order.0));
    log_info!(UserLog(
        order.0,
        "capture requested",
        amount = n as u64 + 1,
        tenant = order.1
    ));
    log_info!(tracel::UserLog(1, "capture requested"));
    log_info!(logs::SysLog("capture requested"));
    log_info!(SystemLog("charging card", attempt = 2, tenant));
    log_info!(SysLog(
        "charging card",
        attempt = 2u32,
        balance = -3,
        ratio = 2,
        items = [1, 2],
        ok = true
    ));
    log_info!(SysLog(
        "charging card",
        items = &[1u32, 2][..],
        ratio = -2.5,
        attempt = Some(3),
        tags = ["a", "b"]
    ));
    log_info!(SysLog(
        "charging card",
        items = Vec::<u32>::from_iter([1, 2]),
        attempt = None,
        card = "1"
    ));
    log_info!(SysLog(
        "charging card",
        client = IpAddr::from([127, 0, 0, 1]),
        due = SystemTime::now(),
        took = Duration::ZERO,
        digest = b"ab"
    ));
    log_info!(SysLog(
        "charging card",
        currency = Currency::Eur,
        payload = tracel::JsonValue::Null,
        tenant = tracel::display(5)
    ));
    log_debug!(SysLog("charging card", socket = 5, who = tenant));
    log_trace!(SysLog("charging card", r#type = if n > 2 { "a" } else { "b" }));
    log_warn!(Log::audit("ops", "role granted", reason = "asked"));
    log_warn!(tracel::Log::audit(
        "role granted",
        reason = "asked",
        actor = "ops"
    ));
    log_error!(SysLog("charge refused", error = &err));
    log_error!(SysLog("charge refused", error = err));
    log_info!(UserLog(
        Account(4),
        "capture requested",
        tags = Tags(["a"][..].into())
    ));
    log_error!(SysLog(
        "charge refused",
        error = Failure {
            inner: std::io::Error::other("gone")
        }
    ));
}

#[test]
fn events() {
    let err = std::io::Error::other("gone");
    let (user_id, payment_id) = (7, Uuid::nil());
    log!(PaymentCaptured {
        user_id,
        payment_id,
        amount: 1999,
        currency: Currency::Eur
    });
    log_info!(PaymentCaptured {
        user_id,
        payment_id,
        amount: 1999,
        currency: Currency::Usd,
        card: Some("1")
    });
    log!(logs::ChargeRefused {
        error: &err,
        tags: Some(&["a"])
    });
    log!(RoleGranted {
        actor: "me",
        reason: ""
    });
    let event = RefundAsked {
        user_id,
        payment_id,
        reason: "",
    };
    log_info!(event);
    log_warn!(&event);
    log_debug!(RefundAsked {
        reason: &format!("{user_id}"),
        ..event
    });
    log!(Settled {
        amount: 5u8,
        whatever: vec![]
    });
    log_debug!(Settled {
        amount: Account(5),
        whatever: vec![]
    });
    let captured = PaymentCaptured {
        user_id,
        payment_id,
        amount: 1999,
        currency: Currency::Eur,
        card: None,
        attempt: None,
    };
    log!(captured);
    log!(ChargeRefused {
        tags: None,
        ..refused(&err)
    });
    log!(refused(&err));
    log_info!(RoleTaken {
        actor: "me".into(),
        reason: "".into()
    });
}

fn refused(error: &std::io::Error) -> ChargeRefused<'_> {
    ChargeRefused {
        error,
        tags: None,
        attempt: None,
    }
}

fn generic<E: std::error::Error, T: tracel::Field<tracel::ty::u64>>(error: &E, amount: T) {
    log_error!(UserLog(amount, "failed", error));
    log!(Settled {
        amount,
        whatever: vec![]
    });
}

#[test]
fn generics() {
    generic(&std::io::Error::other("gone"), 5u8);
}
