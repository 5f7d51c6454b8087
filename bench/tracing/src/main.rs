//! tracing-subscriber's JSON format through tracing-appender's thread, which makes the caller wait instead of losing records.

use bench_harness::through_tracing::measure_appended;

fn main() {
    measure_appended(|writer| {
        tracing_subscriber::fmt()
            .json()
            .flatten_event(false)
            .with_file(true)
            .with_line_number(true)
            .with_thread_names(true)
            .with_writer(writer)
            .finish()
    });
}
