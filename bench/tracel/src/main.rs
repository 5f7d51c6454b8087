//! TraceL, measured: `bench-tracel CASE CALLS` counts the allocations of so many calls, and is what callgrind runs;
//! `CASE-file` has its journal in a file, `CASE-task` is called in a task. `bench-tracel null|/PATH|ADDRESS [THREADS [PACE]]` and `bench-tracel calls` take the time.

mod event;
mod time;

use bench_harness::{
    count::count,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
};
use event::{event, transaction};
use std::{
    env, fs,
    hint::black_box,
    process::{self, ExitCode},
};
use tracel::{log_debug, log_info};

mod logs {
    tracel::include_schema!();
}

/// The record, as a message with fields.
#[inline(never)]
fn syslog() {
    log_info!(SysLog(
        "captured payment",
        amount = black_box(AMOUNT),
        currency = black_box(CURRENCY),
        attempt = black_box(ATTEMPT),
        payment_id = black_box(PAYMENT_ID)
    ));
}

/// A record that nobody wants at run time.
#[inline(never)]
fn filtered() {
    log_debug!(SysLog("captured payment", amount = black_box(AMOUNT)));
}

/// What a call costs that logs nothing.
#[inline(never)]
fn nothing() {
    black_box(());
}

/// A span of four fields, and nothing in it.
#[inline(never)]
fn span() {
    four(USER_ID, || black_box(()));
}

#[tracel::instrument(fields(module = MODULE, user_id, tenant = TENANT, amount = AMOUNT, attempt = ATTEMPT))]
fn four(user_id: u64, run: impl FnOnce()) {
    run();
}

/// A task within the current request.
#[inline(never)]
fn spawn() {
    drop(tracel::spawn(async {}));
}

/// The same by hand.
#[inline(never)]
#[allow(clippy::disallowed_methods, reason = "it is what ours is measured beside")]
fn instrumented() {
    use tracing::Instrument as _;
    drop(tokio::spawn(async {}.in_current_span()));
}

fn run(case: &str, calls: u64) -> Result<(), String> {
    let (call, place) = match case.split_once('-') {
        Some((call, place)) => (call, place),
        None => (case, ""),
    };
    let run = match call {
        "event" => event,
        "syslog" => syslog,
        "filtered" => filtered,
        "nothing" => nothing,
        "span" => span,
        "spawn" => spawn,
        "instrumented" => instrumented,
        _ => return Err(format!("there is no case `{case}`")),
    };
    match place {
        "" => return within("null:", calls, run),
        "task" => return within_task(calls, run),
        "file" => {}
        _ => return Err(format!("there is no case `{case}`")),
    }
    // A file's journal is a file beside it.
    let folder = env::temp_dir().join(format!("bench-tracel-{}", process::id()));
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let result = within(&format!("file://{}/records.ndjson", folder.display()), calls, run);
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    result
}

/// A log to this sink, and a runtime for what is spawned.
fn start(sink: &str) -> Result<(tracel::Guard, tokio::runtime::Runtime), String> {
    let guard = tracel::init(logs::SCHEMA)
        .sink(sink)
        .levels("info")
        .start()
        .map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| error.to_string())?;
    Ok((guard, runtime))
}

fn within(sink: &str, calls: u64, run: fn()) -> Result<(), String> {
    let (_guard, runtime) = start(sink)?;
    let _inside = runtime.enter();
    transaction(USER_ID, || count(calls, run));
    Ok(())
}

/// In a task of tokio's, as most records of a service are.
fn within_task(calls: u64, run: fn()) -> Result<(), String> {
    let (_guard, runtime) = start("null:")?;
    let task = runtime.spawn(async move { transaction(USER_ID, || count(calls, run)) });
    runtime.block_on(task).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match &arguments[..] {
        [word] if word == "calls" => time::calls(),
        [sink, ..] if sink == "null" || sink.contains('/') => time::sink(),
        [case, calls] => match calls.parse() {
            Ok(calls) => run(case, calls),
            Err(error) => Err(format!("{calls}: {error}")),
        },
        _ => Err(
            "usage: bench-tracel CASE CALLS, bench-tracel null|/PATH|ADDRESS.., or bench-tracel calls".into(),
        ),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench-tracel: {message}");
            ExitCode::FAILURE
        }
    }
}
