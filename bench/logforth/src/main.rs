//! logforth's JSON through its own thread, which makes the caller wait instead of losing records. It is behind `log`, whose
//! records have no span: the span's fields are its diagnostic of a thread, as texts.

use bench_harness::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use logforth::{
    Append, Diagnostic, Error, Layout, append::asynchronous::AsyncBuilder, bridge::log::LogBridge,
    diagnostic::ThreadLocalDiagnostic, layout::JsonLayout, record::Record,
};
use std::{hint::black_box, io::Write, sync::Mutex};

/// As many as tracing-appender keeps.
const QUEUE: usize = 128_000;

#[inline(never)]
fn record() {
    log::info!(
        amount = black_box(AMOUNT),
        currency = black_box(CURRENCY),
        attempt = black_box(ATTEMPT),
        payment_id:% = black_box(PAYMENT_ID);
        "captured payment"
    );
}

/// What is behind the thread.
#[derive(Debug)]
struct Lines {
    layout: JsonLayout,
    sink: Mutex<Sink>,
}

impl Append for Lines {
    fn append(&self, record: &Record<'_>, diagnostics: &[Box<dyn Diagnostic>]) -> Result<(), Error> {
        let mut line = self.layout.format(record, diagnostics)?;
        line.push(b'\n');
        let mut sink = self.sink.lock().expect("nobody panics with it");
        sink.write_all(&line)
            .map_err(|error| Error::new("it is not written").with_source(error))
    }

    fn flush(&self) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {
    let asked = Asked::read();
    let lines = Lines {
        layout: JsonLayout::default(),
        sink: Mutex::new(Sink::open(&asked)),
    };
    let behind = AsyncBuilder::new("logforth")
        .overflow_block()
        .buffered_lines_limit(Some(QUEUE))
        .append(lines)
        .build();
    let logger = logforth::core::builder()
        .dispatch(|dispatch| {
            dispatch
                .diagnostic(ThreadLocalDiagnostic::default())
                .append(behind)
        })
        .build();
    log::set_boxed_logger(Box::new(LogBridge::new(logger))).expect("the first");
    log::set_max_level(log::LevelFilter::Info);
    measure(&asked, |turn| {
        for (key, value) in [
            ("event_id", PAYMENT_ID.to_string()),
            ("module", MODULE.into()),
            ("user_id", USER_ID.to_string()),
            ("tenant", TENANT.into()),
        ] {
            ThreadLocalDiagnostic::insert(key, value);
        }
        turn.run(record);
    });
    log::logger().flush();
    report();
}
