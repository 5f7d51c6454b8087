//! tracing-bunyan-formatter through tracing-appender's thread, which makes the caller wait instead of losing records.

use bench_harness::through_tracing::measure_appended;
use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
use tracing_subscriber::layer::SubscriberExt;

fn main() {
    measure_appended(|writer| {
        tracing_subscriber::registry()
            .with(JsonStorageLayer)
            .with(BunyanFormattingLayer::new("payment".into(), writer))
    });
}
