//! A service that takes every road by which a value can come into a log, with values planted that must not come out. One
//! source for three crates, whose schemas differ in `policy.sensitive`; `leaks.rs` runs them and looks for what was planted.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "it also plays crates that log by `tracing`"
)]

mod logs {
    tracel::include_schema!();
}

use logs::CardAdded;
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    io::{self, Write},
    time::SystemTime,
};
use tracel::{JsonValue, Secret, log, log_debug, log_error, log_info};
use tracing::field::Empty;
use tracing_subscriber::{fmt::format::FmtSpan, layer::SubscriberExt};

/// Stands in every planted text. Bytes of it are looked for in base64, too.
const PLANTED: &str = "PLANTED";
/// The planted number.
const NUMBER: u64 = 48_151_623_421_108;
/// What must come out: it shows that the road was taken at all.
const SEEN: &str = "on-the-road";

/// A planted text that says where it came in.
fn planted(road: &str) -> String {
    format!("{PLANTED}-{road}")
}

/// An error whose text was planted.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refused {}

/// A struct that someone logs by its `Debug`.
#[derive(Debug)]
#[allow(dead_code, reason = "seen by `Debug`")]
struct Login {
    user: &'static str,
    password: Secret<String>,
    old: Vec<Secret<String>>,
    pin: Option<Secret<u64>>,
}

impl Login {
    fn new(road: &str) -> Self {
        Login {
            user: SEEN,
            password: Secret::new(planted(road)),
            old: vec![Secret::new(planted(road))],
            pin: Some(Secret::new(NUMBER)),
        }
    }
}

#[derive(tracel::Field)]
struct Card(String);

#[derive(tracel::SysLog)]
#[log(event = "card_checked", message = "card checked", level = "info")]
struct CardChecked<'a, T: tracel::Field<tracel::ty::string>> {
    card: &'a T,
    pin: Option<u64>,
    cause: Refused,
    tenant: &'static str,
}

#[derive(tracel::UserLog)]
#[log(event = "moved", message = "moved")]
struct Moved {
    email: String,
    tenant: &'static str,
}

/// Our own log macros.
fn by_macros() {
    log_info!(SysLog("by key", card = planted("key"), tenant = SEEN));
    log_info!(UserLog(planted("place"), "by place", tenant = SEEN));
    let card = planted("bare");
    log_info!(SysLog("bare", card, tenant = SEEN));
    log_info!(SysLog(
        "by newtype",
        card = Card(planted("newtype")),
        tenant = SEEN
    ));
    log_info!(SysLog(
        "by Option",
        card = Some(&planted("option")),
        tenant = SEEN
    ));
    log_info!(SysLog(
        "by adapter",
        card = tracel::display(planted("display")),
        tenant = SEEN
    ));
    log_info!(SysLog(
        "by adapter",
        card = tracel::debug(planted("debug")),
        tenant = SEEN
    ));
    log_info!(SysLog("a number", pin = NUMBER, tenant = SEEN));
    log_info!(SysLog(
        "a list",
        names = [planted("list"), planted("list")],
        tenant = SEEN
    ));
    log_info!(SysLog("bytes", blob = planted("bytes").as_bytes(), tenant = SEEN));
    log_info!(SysLog(
        "json",
        document = JsonValue::from(planted("json")),
        tenant = SEEN
    ));
    log_info!(SysLog(
        "an error",
        cause = Refused(planted("error")),
        tenant = SEEN
    ));
    log_debug!(SysLog(
        "beside open keys",
        whatever = 1,
        card = planted("open"),
        tenant = SEEN
    ));
    log_debug!(SysLog(
        "nine keys",
        a = 1,
        b = 2,
        c = 3,
        d = 4,
        e = 5,
        f = 6,
        g = 7,
        card = planted("nine"),
        tenant = SEEN
    ));
    let long = planted("long").repeat(10_000);
    log_info!(SysLog("a long one", card = &long, tenant = SEEN));
    log_info!(SysLog(
        "a long one beside",
        card = planted("beside"),
        reason = "x".repeat(100_000)
    ));
    log_info!(SysLog("a time", born = SystemTime::UNIX_EPOCH, tenant = SEEN));
}

/// Events, derived and generated.
fn by_events() {
    log!(CardChecked {
        card: &Card(planted("derived")),
        pin: Some(NUMBER),
        cause: Refused(planted("derived error")),
        tenant: SEEN,
    });
    log_info!(Moved {
        email: planted("user"),
        tenant: SEEN
    });
    log!(CardAdded {
        card: &planted("generated")
    });
    log!(CardAdded {
        card: &planted("generated"),
        names: Some(&["PLANTED-names"])
    });
}

#[tracel::instrument(fields(card, pin, email = planted("span"), names = [planted("span list")], tenant = SEEN))]
fn span(card: &str, pin: u64) {
    log_info!(SysLog("in a span", n = 1));
    inner(Refused(planted("span error")));
}

#[tracel::instrument(level = "debug", fields(cause = &error, card = %error, reason = SEEN))]
fn inner(error: Refused) {
    log_info!(SysLog("in an inner span", tenant = SEEN));
    tracing::warn!("another crate's in our span");
}

#[tracel::instrument(fields(card = card.to_owned(), tenant = SEEN))]
async fn task(card: &str) {
    log_info!(SysLog("in a task"));
}

/// Spans of ours, and what is sent on from them. Returns what went into the headers.
fn by_spans() -> String {
    span(&planted("argument"), NUMBER);
    sent_on()
}

#[tracel::instrument(root, fields(email = planted("baggage"), tenant = SEEN))]
fn sent_on() -> String {
    let mut headers = HashMap::new();
    tracel::inject(&mut headers);
    format!("{headers:?}")
}

/// A future with a span of ours.
async fn by_task() {
    let card = planted("future");
    task(&card).await;
    let outside = planted("spawned");
    _ = tracel::spawn(async move { task(&outside).await }).await;
}

#[tracel::instrument(err, fields(card = "PLANTED-err"))]
fn failing() -> Result<(), Refused> {
    Err(Refused(SEEN.to_owned()))
}

/// What `err` logs beside a span's fields.
fn by_err() {
    _ = failing();
}

/// Values that hide a [`Secret`], logged as their `Debug` text.
fn by_debug() {
    let login = Login::new("secret");
    log_info!(SysLog("a struct", tenant = tracel::debug(&login)));
    log_debug!(SysLog(
        "under an open key",
        login = tracel::debug(&login),
        many = tracel::debug([&login])
    ));
    log_error!(SysLog(
        "an error",
        reason = SEEN,
        error = std::io::Error::other(format!("{login:?}"))
    ));
    tracing::warn!(?login, "another crate's");
}

/// Other crates' events and spans. What they tell `tracing`, other layers hear from it; our own sinks must not.
fn by_others() {
    let (card, password) = (planted("foreign"), planted("foreign secret"));
    tracing::info!(card, tenant = SEEN, "text");
    tracing::info!(card = %card, password = %password, tenant = SEEN, "display");
    tracing::info!(card = ?card, password = ?password, pin = NUMBER, tenant = SEEN, "debug");
    tracing::info!(
        cause = &Refused(planted("foreign error")) as &dyn Error,
        token = password,
        tenant = SEEN
    );
    let outer = tracing::info_span!("outer", card, password, tenant = SEEN, email = Empty);
    outer.in_scope(|| {
        log_info!(SysLog("ours in theirs"));
        outer.record("email", planted("recorded"));
        log_info!(SysLog("ours in theirs, later"));
    });
}

#[tracel::instrument(fields(card = "PLANTED-first", tenant = SEEN))]
fn recorded() {
    let span = tracing::Span::current();
    span.record("card", planted("recorded on ours"));
    span.record("password", planted("recorded on ours"));
    log_info!(SysLog("after it was recorded"));
}

/// A field recorded on a span of ours by way of `tracing`.
fn by_record() {
    recorded();
}

/// With `beside`, another layer listens, to what our own macros and spans say alone; else sinks, as the environment says.
fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let ours = || {
        by_macros();
        by_events();
        let headers = by_spans();
        by_err();
        runtime.block_on(by_task());
        headers
    };
    let headers = if std::env::args().nth(1).as_deref() == Some("beside") {
        let (layer, _guard) = tracel::init(logs::SCHEMA).levels("trace").sink("null:").build()?;
        let fmt = tracing_subscriber::fmt::layer()
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false);
        let subscriber = tracing_subscriber::registry().with(layer).with(fmt);
        tracing_core::dispatcher::set_global_default(subscriber.into())?;
        ours()
    } else {
        let guard = tracel::init(logs::SCHEMA).levels("trace").volatile().start()?;
        let headers = ours();
        by_debug();
        by_others();
        by_record();
        drop(guard);
        headers
    };
    writeln!(io::stderr(), "{headers}")?;
    Ok(())
}
