//! The testing kit: captures that do not mix, and assertions that say what differs.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "bare threads and other crates' events are looked on"
)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, Flooded, PaymentCaptured, Rare, Settled};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::Barrier,
    time::Duration,
};
use tracel::{
    EventId, Uuid, log, log_debug, log_error, log_info, log_warn,
    testing::{Level, Logs, assert_logged, assert_not_logged, capture, capture_with},
};

#[derive(tracel::UserLog)]
#[log(event = "refund_asked", message = "refund asked")]
struct RefundAsked<'a> {
    user_id: u64,
    payment_id: Uuid,
    reason: &'a str,
    ratio: Option<f64>,
}

#[derive(tracel::SysLog)]
#[log(event = "counted", message = "counted")]
struct Counted<T: tracel::Field<tracel::ty::u32>> {
    attempt: T,
}

/// What the assertion says when it fails.
#[track_caller]
fn failure<R>(assertion: impl FnOnce() -> R) -> String {
    let panicked = panic::catch_unwind(AssertUnwindSafe(assertion))
        .err()
        .expect("it fails");
    *panicked.downcast::<String>().expect("a text")
}

/// The text, with another word for the time at the begin of a record's line.
fn steady(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix("  ") {
        Some(record) if record.as_bytes().get(2) == Some(&b':') => format!("  TIME{}", &record[12..]),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn captured(user_id: u64, amount: u64) {
    log!(PaymentCaptured {
        user_id,
        payment_id: Uuid::nil(),
        amount,
        currency: Currency::Eur
    });
}

#[test]
fn every_form_of_a_log_is_found() {
    let logs = capture();
    captured(7, 1999);
    log_error!(SysLog("charge refused", attempt = 2u32, error = &std::fmt::Error));
    log_info!(UserLog(42, "capture requested"));
    log_info!(RefundAsked {
        user_id: 7,
        payment_id: Uuid::nil(),
        reason: "late",
        ratio: None
    });
    log_warn!(Counted { attempt: 3u8 });
    log!(Settled {});
    assert_eq!(logs.len(), 6);

    assert_logged!(logs, PaymentCaptured { amount: 1999, .. });
    assert_logged!(logs, info PaymentCaptured { currency: Currency::Eur, .. });
    assert_logged!(logs, logs::PaymentCaptured { .. });
    let (user_id, amount) = (7, 1999);
    let whole = assert_logged!(
        logs,
        PaymentCaptured {
            user_id,
            payment_id: Uuid::nil(),
            amount,
            currency: Currency::Eur
        }
    );
    assert_eq!((whole.level(), whole.log_type()), (Level::INFO, "user"));
    assert_eq!(whole.event_name(), Some("payment_captured"));
    assert_eq!(whole.get("amount"), Some(&1999.into()));
    assert!(
        whole
            .source()
            .is_some_and(|source| source.starts_with("tests/tests/testing.rs:")),
        "{:?}",
        whole.source()
    );

    assert_logged!(logs, SysLog("charge refused"));
    assert_logged!(logs, error SysLog("charge refused", attempt = 2u32));
    let attempt = 2;
    assert_logged!(
        logs,
        tracel::SysLog("charge refused", attempt, error = &std::fmt::Error)
    );
    assert_logged!(logs, UserLog(42, "capture requested"));
    assert_logged!(logs, UserLog("capture requested"));
    assert_logged!(logs, UserLog("capture requested", attempt = None));
    assert_logged!(logs, RefundAsked { reason: "late", .. });
    assert_logged!(
        logs,
        RefundAsked {
            user_id: 7,
            payment_id: Uuid::nil(),
            reason: "late",
            ratio: None
        }
    );
    let asked = RefundAsked {
        user_id: 7,
        payment_id: Uuid::nil(),
        reason: "late",
        ratio: None,
    };
    assert_logged!(logs, asked);
    assert_logged!(&logs, info asked);
    assert_logged!(logs, Counted::<u8> { attempt: 3, .. });
    assert_logged!(logs, debug Settled {});

    assert_not_logged!(logs, PaymentCaptured { amount: 2000, .. });
    assert_not_logged!(logs, PaymentCaptured { card: "4000", .. });
    assert_not_logged!(logs, warn SysLog("charge refused"));
    assert_not_logged!(logs, SysLog("charge refused", attempt = 3));
    assert_not_logged!(logs, SysLog("charge refused", attempt = None));
    assert_not_logged!(logs, UserLog("charge refused"));
    assert_not_logged!(logs, UserLog(43, "capture requested"));
    assert_not_logged!(logs, RefundAsked { ratio: 0.5, .. });
    assert_not_logged!(logs, error asked);
    assert_not_logged!(logs, Flooded { .. });

    logs.clear();
    assert!(logs.is_empty());
    assert_not_logged!(logs, SysLog("charge refused"));
}

#[test]
fn values_are_compared_as_records_have_them() {
    let logs = capture();
    let took = Duration::from_millis(3);
    let id = "0190b5a0-0000-7000-8000-000000000001"
        .parse::<Uuid>()
        .expect("an id");
    log_info!(SysLog(
        "all",
        took,
        payment_id = id,
        tags = ["a", "b"],
        payload = &serde_json::json!({"a": [1]}),
        client = std::net::IpAddr::from([127, 0, 0, 1]),
        digest = b"xyz",
        ratio = f64::NAN,
        card = "4000 1234",
        currency = Currency::Usd,
        balance = -1,
        tenant = String::from("acme")
    ));
    assert_logged!(
        logs,
        SysLog(
            "all",
            took,
            payment_id = id,
            tags = vec!["a", "b"],
            payload = &serde_json::json!({"a": [1]})
        )
    );
    assert_logged!(
        logs,
        SysLog(
            "all",
            client = std::net::Ipv4Addr::LOCALHOST,
            digest = b"xyz".as_slice(),
            ratio = f64::NAN
        )
    );
    assert_logged!(
        logs,
        SysLog("all", currency = Currency::Usd, balance = -1, tenant = "acme")
    );
    // What is sensitive is compared as its class lets it out: here each value is masked.
    assert_logged!(logs, SysLog("all", card = "another"));
    assert_not_logged!(logs, SysLog("all", card = None));
    for wrong in [
        failure(|| assert_logged!(logs, SysLog("all", took = Duration::from_millis(4)))),
        failure(|| assert_logged!(logs, SysLog("all", payment_id = Uuid::nil()))),
        failure(|| assert_logged!(logs, SysLog("all", tags = ["b", "a"]))),
        failure(|| assert_logged!(logs, SysLog("all", currency = Currency::Eur))),
    ] {
        assert_eq!(wrong.matches("wanted ").count(), 1, "{wrong}");
    }
}

#[test]
fn a_level_that_admits_any_key_is_named_with_it() {
    let logs = capture();
    log_debug!(SysLog("open", socket = 7));
    let record = assert_logged!(logs, debug SysLog("open", socket = 7));
    assert_eq!(record.extra()["socket"], "7");
    assert_not_logged!(logs, debug SysLog("open", socket = 8));
}

#[test]
fn the_nearest_record_is_shown_with_what_differs() {
    let logs = capture();
    log_info!(SysLog("starting"));
    let line = line!() + 1;
    log_warn!(SysLog("charge refused", attempt = 3u32, tenant = "acme"));
    log_warn!(SysLog("charge refused", attempt = 4u32));
    let text = failure(
        || assert_logged!(logs, error SysLog("charge refused", attempt = 2u32, tenant = "acme", reason = "late")),
    );
    let expected = [
        r#"not logged: ERROR system "charge refused" attempt=2 tenant="acme" reason="late""#,
        "nearest of 3:",
        &format!(
            "  TIME  WARN orphan   testing charge refused               attempt=3 tenant=acme at {}:{line}",
            file!()
        ),
        "what differs:",
        r#"  level: wanted "ERROR", is "WARN""#,
        "  attempt: wanted 2, is 3",
        r#"  reason: wanted "late", is absent"#,
    ];
    assert_eq!(steady(&text), expected.join("\n"));

    let text = failure(|| assert_logged!(logs, PaymentCaptured { amount: 1, .. }));
    assert!(
        text.contains("not logged: user payment_captured \"payment captured\" amount=1\n"),
        "{text}"
    );
    assert!(
        text.contains("\n  event_name: wanted \"payment_captured\", is absent\n"),
        "{text}"
    );

    let text = failure(|| assert_not_logged!(logs, SysLog("starting")));
    assert!(
        text.starts_with("logged: system \"starting\"\nby the record\n  "),
        "{text}"
    );

    logs.clear();
    let text = failure(|| assert_logged!(logs, SysLog("starting")));
    assert!(
        text.starts_with("not logged: system \"starting\"\nnothing was:"),
        "{text}"
    );
}

#[test]
fn an_assertion_fails_where_it_stands() {
    // The hook is the process's: it tells one thread's panics from others' by the message.
    let at = std::sync::Arc::new(std::sync::Mutex::new(None));
    let (seen, before) = (std::sync::Arc::clone(&at), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        let ours = info
            .payload()
            .downcast_ref::<String>()
            .is_some_and(|text| text.contains("only here"));
        match ours {
            true => {
                *seen.lock().expect("a lock") = info.location().map(|at| (at.file().to_owned(), at.line()))
            }
            false => before(info),
        }
    }));
    let logs = capture();
    let line = line!() + 1;
    let _ = failure(|| assert_logged!(logs, SysLog("only here")));
    let at = at.lock().expect("a lock").take();
    assert_eq!(at, Some((file!().to_owned(), line)));
}

#[tracel::instrument(fields(module = "Loop", tenant))]
fn request(tenant: &str, n: u64) {
    log_info!(SysLog("outer", amount = n));
    inner(n);
}

#[tracel::instrument]
fn inner(n: u64) {
    log_info!(SysLog("inner", amount = n));
}

#[test]
fn a_record_is_taken_apart() {
    let logs = capture();
    request("acme", 7);
    let [outer, inner] = logs.records().try_into().expect("two records");
    assert_ne!(outer.event_id(), EventId::NIL);
    assert_eq!(outer.event_id(), inner.event_id());
    assert_eq!((outer.module(), inner.module()), ("Loop", "Loop"));
    assert_eq!(inner.spans(), ["request", "inner"]);
    assert_eq!(inner.parent_span_id(), outer.span_id());
    assert_eq!(inner.metadata()["tenant"], "acme");
    assert_eq!((inner.event_name(), inner.schema()), (None, "acme@3"));
    // The spans' fields are the record's.
    assert_logged!(logs, SysLog("inner", tenant = "acme"));
    assert!(
        inner
            .to_string()
            .ends_with("inner                        amount=7 tenant=acme"),
        "{inner}"
    );
}

#[test]
fn fifty_captures_at_once_do_not_mix() {
    const THREADS: u64 = 50;
    let barrier = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for own in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                let logs = capture();
                barrier.wait();
                for round in 0..50 {
                    request("acme", own);
                    tracel::thread::spawn(move || request("acme", own))
                        .join()
                        .expect("joined");
                    captured(own, round);
                }
                let records = logs.records();
                assert_eq!(records.len(), 50 * 5);
                for record in records {
                    let key = if record.event_name().is_some() {
                        "user_id"
                    } else {
                        "amount"
                    };
                    assert_eq!(record.get(key), Some(&own.into()), "{record}");
                }
                assert_logged!(
                    logs,
                    PaymentCaptured {
                        user_id: own,
                        amount: 49,
                        ..
                    }
                );
            });
        }
        // Threads that capture nothing come to the same callsites meanwhile.
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| request("nobody", 1000)));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_task_starts_is_captured() {
    let logs = capture();
    tracel::spawn(async {
        log_info!(SysLog("outside", balance = 1));
        tokio::task::yield_now().await;
        tracel::spawn_blocking(|| log_info!(SysLog("blocking", balance = 2)))
            .await
            .expect("joined");
        tracel::spawn(async { request("acme", 3) }).await.expect("joined");
    })
    .await
    .expect("joined");
    tracel::rayon::join(|| log_info!(SysLog("left")), || log_info!(SysLog("right")));
    let mut set = tokio::task::JoinSet::new();
    tracel::task::JoinSetExt::spawn_in_context(&mut set, async { log_info!(SysLog("set")) });
    set.join_next().await.expect("a task").expect("joined");
    std::thread::spawn(|| log_info!(SysLog("bare thread")))
        .join()
        .expect("joined");
    assert_logged!(logs, SysLog("outside", balance = 1));
    assert_logged!(logs, SysLog("blocking", balance = 2));
    assert_logged!(logs, SysLog("inner", amount = 3, tenant = "acme"));
    for message in ["left", "right", "set"] {
        assert!(
            logs.records().iter().any(|record| record.message() == message),
            "{logs:?}"
        );
    }
    assert_not_logged!(logs, SysLog("bare thread"));
    assert_eq!(logs.len(), 7, "{logs:?}");
}

struct LogsAtTheEnd;

impl Drop for LogsAtTheEnd {
    fn drop(&mut self) {
        log_info!(SysLog("dropped"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_aborted_task_says_is_captured() {
    let logs = capture();
    let task = tracel::spawn(async {
        let _end = LogsAtTheEnd;
        std::future::pending::<()>().await;
    });
    // Polled once, it is dropped on a worker.
    tokio::time::sleep(Duration::from_millis(50)).await;
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    logs.wait_for(1, Duration::from_secs(10));
    assert_logged!(logs, SysLog("dropped"));
}

#[test]
fn it_is_waited_for() {
    let logs = capture();
    let thread = tracel::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(20));
        log_info!(SysLog("late"));
    });
    assert_eq!(logs.wait_for(1, Duration::from_secs(10)).len(), 1);
    thread.join().expect("joined");
    let text = failure(|| logs.wait_for(2, Duration::from_millis(1)));
    assert!(
        text.starts_with("1 of 2 records came within 1ms:\n  ") && text.contains("late"),
        "{text}"
    );
}

#[test]
fn it_ends_with_its_guard() {
    let outer = capture();
    let reader: Logs = {
        let inner = capture();
        log_info!(SysLog("inner"));
        inner.clone()
    };
    log_info!(SysLog("outer"));
    assert_eq!((outer.len(), reader.len()), (1, 1));
    assert_logged!(outer, SysLog("outer"));
    assert_logged!(reader, SysLog("inner"));

    // What was started under a capture that has ended logs as if there were none.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let ended = {
        let ended = capture();
        let context = tracel::Context::current();
        let thread = tracel::thread::spawn(move || {
            wait.recv().expect("sent");
            log_info!(SysLog("too late"));
        });
        (ended.clone(), context, thread)
    };
    go.send(()).expect("received");
    let (logs, context, thread) = ended;
    thread.join().expect("joined");
    context.in_scope(|| log_info!(SysLog("outer")));
    assert!(logs.is_empty(), "{logs:?}");
    assert_eq!(outer.len(), 2);
}

#[test]
fn flood_control_holds_nothing_back() {
    let logs = capture();
    for attempt in 0..500 {
        log!(Flooded {
            attempt: Some(attempt)
        });
        log!(Rare {
            error: &std::fmt::Error
        });
    }
    assert_eq!(logs.len(), 1000);
    assert_logged!(logs, Flooded { attempt: Some(499) });
}

#[test]
fn other_crates_are_heard_as_the_policy_says() {
    let logs = capture();
    tracing::info!("quiet");
    tracing::warn!(amount = 7, "loud");
    assert_eq!(logs.len(), 1, "{logs:?}");
    let record = logs.records().remove(0);
    assert_eq!(
        (record.message(), record.extra()["amount"].as_str()),
        ("loud", Some("7"))
    );
    assert_eq!(record.target(), Some("testing"));
    drop(logs);

    let logs = capture_with(logs::SCHEMA);
    tracing::info!("quiet");
    assert_eq!(logs.len(), 1, "{logs:?}");
}

#[test]
fn a_log_of_the_process_goes_on_beside_it() {
    let kept = tracel_tests::Kept::default();
    let guard = tracel::init(logs::SCHEMA)
        .sink_with(kept.clone())
        .start()
        .expect("started");
    log_info!(SysLog("before"));
    let logs = capture();
    log_info!(SysLog("captured"));
    log_debug!(SysLog("captured, too"));
    tracel::thread::spawn(|| log_info!(SysLog("captured")))
        .join()
        .expect("joined");
    std::thread::spawn(|| log_info!(SysLog("bare")))
        .join()
        .expect("joined");
    assert_eq!(logs.len(), 3);
    drop(logs);
    log_info!(SysLog("after"));
    guard.flush(Duration::from_secs(10)).expect("flushed");
    let mut messages = Vec::new();
    for record in kept.records() {
        let message = record["message"].as_str().expect("a message").to_owned();
        // Other tests of this process may log outside any capture, too.
        if ["before", "captured", "captured, too", "bare", "after"].contains(&message.as_str()) {
            messages.push(message);
        }
    }
    messages.sort_unstable();
    assert_eq!(messages, ["after", "bare", "before"]);
}

/// In a process of its own: there is one capture, and the first to come to a callsite is a thread without any.
#[test]
fn a_thread_without_a_capture_switches_nothing_off() {
    let run = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "one_capture_and_a_bare_thread"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above"]
fn one_capture_and_a_bare_thread() {
    fn log() {
        log_info!(SysLog("both"));
    }
    let logs = capture();
    std::thread::spawn(log).join().expect("joined");
    log();
    assert_eq!(logs.len(), 1);
}

fn charge(amount: u64) {
    for attempt in 1..=2u32 {
        log_error!(SysLog(
            "charge refused",
            attempt,
            amount,
            error = &std::fmt::Error
        ));
    }
}

// README.md and docs/testing.md show this test.
#[test]
fn a_refused_charge_is_told() {
    let logs = capture();
    charge(1999);
    assert_logged!(logs, error SysLog("charge refused", attempt = 2));
    assert_not_logged!(logs, PaymentCaptured { amount: 1999, .. });
}

#[test]
fn the_pages_show_a_test_that_runs() {
    let (_, own) = include_str!("testing.rs")
        .split_once("// README.md and docs/testing.md show this test.\n")
        .expect("it is here");
    let (example, _) = own.split_once("\n\n").expect("another test follows");
    for page in [
        include_str!("../../README.md"),
        include_str!("../../docs/testing.md"),
    ] {
        assert!(page.contains(example), "the page does not have:\n{example}");
    }
}
