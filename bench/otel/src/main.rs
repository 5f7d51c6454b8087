//! opentelemetry-appender-tracing through a batch processor, which drops what its queue has no room for. What is behind it
//! writes attributes as they are printed: the caller has no part in that.

use bench_harness::{
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::{Sink, report},
    timing::measure,
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter, SdkLoggerProvider},
};
use std::{hint::black_box, io::Write, sync::Mutex};
use tracing_subscriber::layer::SubscriberExt;

#[tracing::instrument(skip_all, fields(event_id = %PAYMENT_ID, module = MODULE, user_id = user_id, tenant = TENANT))]
fn transaction(user_id: u64, run: impl FnOnce()) {
    run();
}

#[inline(never)]
fn record() {
    tracing::info!(
        amount = black_box(AMOUNT),
        currency = black_box(CURRENCY),
        attempt = black_box(ATTEMPT),
        payment_id = %black_box(PAYMENT_ID),
        "captured payment"
    );
}

#[derive(Debug)]
struct Lines(Mutex<Sink>);

impl LogExporter for Lines {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let mut text = String::new();
        for (record, _) in batch.iter() {
            text.push_str(&format!("{:?}", record.body()));
            for (key, value) in record.attributes_iter() {
                text.push_str(&format!(" {key}={value:?}"));
            }
            text.push('\n');
        }
        let mut sink = self.0.lock().expect("nobody panics with it");
        sink.write_all(text.as_bytes()).expect("it is written");
        Ok(())
    }
}

fn main() {
    let provider = SdkLoggerProvider::builder()
        .with_batch_exporter(Lines(Mutex::new(Sink::open())))
        .build();
    let bridge = OpenTelemetryTracingBridge::new(&provider);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(bridge)).expect("the first");
    transaction(USER_ID, || measure(record));
    provider.shutdown().expect("it ends");
    report();
}
