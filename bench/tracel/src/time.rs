//! Taking the time: of an event to a sink, and of calls that are too cheap to be taken one by one.

use crate::{event, filtered, instrumented, logs, nothing, span, spawn, start, transaction};
use bench_harness::{
    asked::Asked,
    record::USER_ID,
    sink::report_of,
    timing::{made, measure},
};
use std::time::{Duration, Instant};
use tracel::OnFull;

/// An event, under a policy that loses none.
pub(crate) fn sink() -> Result<(), String> {
    let asked = Asked::read();
    let address = match asked.sink.as_str() {
        "null" => "null:".to_owned(),
        address if address.contains("://") => address.to_owned(),
        path => format!("file://{path}"),
    };
    // Over the network nothing is kept in a file beside it: what a broker takes is measured, not a disk.
    let init = match address.starts_with("kafka:") {
        true => tracel::init(logs::SCHEMA).volatile(),
        false => tracel::init(logs::SCHEMA),
    };
    let guard = init
        .sink(address)
        .levels("info")
        .on_full(OnFull::Block(Duration::from_secs(10)))
        .start()
        .map_err(|error| error.to_string())?;
    measure(&asked, |turn| transaction(USER_ID, || turn.run(event)));
    drop(guard);
    // Its own records, the census, are not among those that were made.
    let stats = tracel::stats();
    report_of(made().saturating_sub(stats.losses()).min(stats.shipped), 0);
    Ok(())
}

/// The least of several loops counts: nothing but the machine makes one longer.
const LOOPS: usize = 7;

/// Prints the nanoseconds of each call in a loop.
pub(crate) fn calls() -> Result<(), String> {
    let (_guard, runtime) = start("null:")?;
    let calls: [(&str, u32, fn()); 5] = [
        ("nothing", 5_000_000, nothing),
        ("filtered", 5_000_000, filtered),
        ("span", 50_000, span),
        ("spawn", 20_000, spawn),
        ("instrumented", 20_000, instrumented),
    ];
    transaction(USER_ID, || {
        for (name, count, call) in calls {
            let least = (0..LOOPS)
                .map(|_| {
                    // Each loop with its own tasks: what is spawned goes with the runtime's turn.
                    let _inside = runtime.enter();
                    let start = Instant::now();
                    (0..count).for_each(|_| call());
                    let time = start.elapsed();
                    runtime.block_on(tokio::task::yield_now());
                    time
                })
                .min()
                .unwrap_or_default();
            println!("{name}={:.2}", least.as_secs_f64() * 1e9 / f64::from(count));
        }
    });
    Ok(())
}
