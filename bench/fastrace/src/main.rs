//! fastrace: a record is an event of the current span, which is handed over when the span ends; so each burst has its own, and
//! its 10,240 places are never full. It is a tracer and writes no logs: what is behind it writes properties as they are.

use bench_harness::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use fastrace::{
    Event, Span,
    collector::{Config, Reporter, SpanContext, SpanRecord},
    local::LocalSpan,
};
use std::{hint::black_box, io::Write};

#[inline(never)]
fn record() {
    LocalSpan::add_event(Event::new("captured payment").with_properties(|| {
        [
            ("amount", black_box(AMOUNT).to_string()),
            ("currency", black_box(CURRENCY).to_string()),
            ("attempt", black_box(ATTEMPT).to_string()),
            ("payment_id", black_box(PAYMENT_ID).to_string()),
        ]
    }));
}

fn transaction(user_id: u64, run: &mut dyn FnMut()) {
    let span = Span::root("transaction", SpanContext::random()).with_properties(|| {
        [
            ("event_id", PAYMENT_ID.to_string()),
            ("module", MODULE.into()),
            ("user_id", user_id.to_string()),
            ("tenant", TENANT.into()),
        ]
    });
    let _current = span.set_local_parent();
    run();
}

struct Lines(Sink);

impl Reporter for Lines {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let mut text = String::new();
        for event in spans.iter().flat_map(|span| &span.events) {
            text.push_str(&format!("{} {}", event.timestamp_unix_ns, event.name));
            for (key, value) in &event.properties {
                text.push_str(&format!(" {key}={value}"));
            }
            text.push('\n');
        }
        self.0.write_all(text.as_bytes()).expect("it is written");
    }
}

fn main() {
    let asked = Asked::read();
    fastrace::set_reporter(Lines(Sink::open(&asked)), Config::default());
    measure(&asked, |turn| {
        turn.run_within(|burst| transaction(USER_ID, burst), record)
    });
    fastrace::flush();
    report();
}
