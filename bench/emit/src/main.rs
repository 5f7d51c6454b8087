//! emit with emit_file, which drops what its queue has no room for. It writes to files of its own naming only: where nothing
//! is to be written it has a folder on the tmpfs.

use bench_harness::{
    asked::Asked,
    record::{AMOUNT, ATTEMPT, CURRENCY, MODULE, PAYMENT_ID, TENANT, USER_ID},
    sink::report_of,
    timing::measure,
};
use std::{fs, hint::black_box, path::Path, time::Duration};

#[emit::span("transaction", #[emit::as_display] event_id, module: MODULE, user_id, tenant: TENANT)]
fn transaction(user_id: u64, event_id: bench_harness::record::Uuid, run: impl FnOnce()) {
    run();
}

#[inline(never)]
fn record() {
    emit::info!(
        "captured payment",
        amount: black_box(AMOUNT),
        currency: black_box(CURRENCY),
        attempt: black_box(ATTEMPT),
        #[emit::as_display]
        payment_id: black_box(PAYMENT_ID),
    );
}

fn main() {
    let asked = Asked::read();
    let folder = match asked.sink.as_str() {
        "null" => format!("/dev/shm/bench-emit-{}", std::process::id()),
        path => format!("{path}.emit"),
    };
    let running = emit::setup()
        .emit_to(emit_file::set(Path::new(&folder).join("log.ndjson")).spawn())
        .init();
    measure(&asked, |turn| {
        transaction(USER_ID, PAYMENT_ID, || turn.run(record))
    });
    running.blocking_flush(Duration::from_secs(30));
    let (mut lines, mut bytes) = (0, 0);
    for entry in fs::read_dir(&folder).expect("its folder") {
        let text = fs::read(entry.expect("a file").path()).expect("its lines");
        lines += text.iter().filter(|&&byte| byte == b'\n').count() as u64;
        bytes += text.len() as u64;
    }
    fs::remove_dir_all(&folder).expect("its folder goes");
    // A thread's span is an event too.
    report_of(lines.saturating_sub(asked.threads as u64), bytes);
}
