//! json-subscriber through tracing-appender's thread, which makes the caller wait instead of losing records.

use bench_harness::through_tracing::measure_appended;
use tracing_subscriber::layer::SubscriberExt;

fn main() {
    measure_appended(|writer| {
        let layer = json_subscriber::layer()
            .with_file(true)
            .with_line_number(true)
            .with_thread_names(true)
            .with_writer(writer);
        tracing_subscriber::registry().with(layer)
    });
}
