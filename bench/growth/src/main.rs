//! TraceL with more and more: fields, spans, bytes, threads. The calls are made by the build script.

use bench_harness::growth::{Library, run};
use std::{hint::black_box, time::Duration};
use tracel::{OnFull, log_info};

mod logs {
    tracel::include_schema!();
}

mod calls {
    use std::hint::black_box;
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}

struct Ours;

impl Library for Ours {
    fn fields(&self, count: usize) {
        calls::fields(count);
    }

    fn message(&self, bytes: usize) {
        calls::message(bytes);
    }

    fn value(&self, text: &str) {
        log_info!(SysLog("captured payment", text = black_box(text)));
    }

    fn within(&self, spans: usize, run: &mut dyn FnMut()) {
        calls::within(spans, run);
    }
}

fn main() {
    let _guard = tracel::init(logs::SCHEMA)
        .sink("null:")
        .levels("info")
        .on_full(OnFull::Block(Duration::from_secs(10)))
        .start()
        .expect("it starts");
    run(&Ours);
}
