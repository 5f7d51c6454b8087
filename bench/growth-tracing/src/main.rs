//! tracing-subscriber's JSON with more and more, beside TraceL: the same calls.

use bench_harness::{
    asked::Asked,
    growth::{Library, run},
    sink::Sink,
    through_tracing::set,
};
use std::hint::black_box;
use tracing_appender::non_blocking::NonBlockingBuilder;

mod calls {
    use std::hint::black_box;
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}

struct Theirs;

impl Library for Theirs {
    fn fields(&self, count: usize) {
        calls::fields(count);
    }

    fn message(&self, bytes: usize) {
        calls::message(bytes);
    }

    fn value(&self, text: &str) {
        tracing::info!(text = black_box(text), "captured payment");
    }

    fn within(&self, spans: usize, run: &mut dyn FnMut()) {
        calls::within(spans, run);
    }
}

fn main() {
    let (writer, _guard) = NonBlockingBuilder::default()
        .lossy(false)
        .finish(Sink::open(&Asked::bursts(1)));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(false)
        .with_file(true)
        .with_line_number(true)
        .with_thread_names(true)
        .with_writer(writer)
        .finish();
    set(subscriber);
    run(&Theirs);
}
