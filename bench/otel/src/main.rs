//! opentelemetry-appender-tracing through a batch processor, which drops what its queue has no room for. What is behind it
//! writes attributes as they are printed: the caller has no part in that.

use bench_harness::{
    asked::Asked,
    sink::{Sink, report},
    through_tracing::measure_through,
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter, SdkLoggerProvider},
};
use std::{io::Write, sync::Mutex};
use tracing_subscriber::layer::SubscriberExt;

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
    let asked = Asked::read();
    let provider = SdkLoggerProvider::builder()
        .with_batch_exporter(Lines(Mutex::new(Sink::open(&asked))))
        .build();
    let bridge = OpenTelemetryTracingBridge::new(&provider);
    measure_through(&asked, tracing_subscriber::registry().with(bridge));
    provider.shutdown().expect("it ends");
    report();
}
