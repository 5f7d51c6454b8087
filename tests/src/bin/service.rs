//! A service as a process of its own, for tests of how one starts, ends and fails. Its argument says which part it plays.
#![allow(
    clippy::disallowed_macros,
    reason = "it also plays a crate that logs by `log` and `tracing`"
)]

use tracel::{
    log_info, log_warn,
    sink::{Batch, SendError, Sent, Sink},
};
use tracing_subscriber::layer::SubscriberExt;

mod logs {
    tracel::include_schema!();
}

/// One that logs what it does, as the libraries do that sinks are made of.
struct Chatty;

impl Sink for Chatty {
    fn name(&self) -> String {
        "chatty:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        log::warn!("said by a sink: {}", batch.lines);
        log_warn!(SysLog("said by a sink of ours"));
        Ok(Sent::Acknowledged)
    }
}

fn main() -> Result<(), tracel::Error> {
    let part = std::env::args().nth(1).unwrap_or_default();
    if part == "bare" {
        let subscriber = tracing_subscriber::registry().with(tracel::layer(logs::SCHEMA));
        tracing_core::dispatcher::set_global_default(subscriber.into()).expect("the only subscriber");
        log_info!(SysLog("bare"));
        return Ok(());
    }
    let init = tracel::init(logs::SCHEMA);
    let init = match part.as_str() {
        "chatty" => init.sink("stdout:").sink_with(Chatty),
        _ => init,
    };
    let guard = init.start()?;
    tracel::log_debug!(SysLog("debug before"));
    log_info!(SysLog("started"));
    log::warn!(target: "a_library", "by log: {}", 7);
    log::debug!("by log, in detail");
    match part.as_str() {
        "exit" => {
            drop(guard);
            std::process::exit(0);
        }
        "late" => {
            drop(guard);
            log_info!(SysLog("late"));
            tracel::thread::spawn(|| log_info!(SysLog("later")))
                .join()
                .expect("it ends");
            return Ok(());
        }
        "panic" => panic!("as it may happen"),
        "levels" => {
            guard.set_levels("debug,service=trace")?;
            tracel::log_debug!(SysLog("debug after"));
            tracel::log_trace!(SysLog("trace after"));
            let wrong = guard.set_levels("warn,=loud").expect_err("a wrong directive");
            log_info!(SysLog("not any more"));
            tracel::log_warn!(SysLog("wrong", reason = tracel::display(&wrong)));
        }
        "twice" => {
            let error = tracel::init(logs::SCHEMA).start().err();
            log_info!(SysLog("twice", error = error));
        }
        _ => {}
    }
    Ok(())
}
