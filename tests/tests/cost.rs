//! What a record costs its caller in allocations. Time is not tested here: machines are noisy.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, SCHEMA};
use tracel::{Uuid, log, log_debug, log_info, log_trace};

#[tracel::instrument(fields(module = "Transaction", user_id, tenant = "acme", attempt = 1, ok = true))]
fn transaction(user_id: u64, run: impl FnOnce()) {
    run();
}

/// Allocations of 1,000 calls, after enough of them to warm the thread's buffers.
fn allocations(run: impl Fn()) -> u64 {
    (0..100).for_each(|_| run());
    allocation_counter::measure(|| (0..1_000).for_each(|_| run())).count_total
}

#[test]
fn a_record_allocates_nothing_on_the_callers_thread() {
    let kept = tracel_tests::Kept::default();
    let guard = tracel::init(SCHEMA)
        .levels("debug")
        .sink_with(kept)
        .start()
        .unwrap();
    let payment_id = Uuid::from_u128(7);
    let error = std::io::Error::other("gone");
    transaction(42, || {
        assert_eq!(
            allocations(|| log_debug!(SysLog("open", cache_hits = 7, cold = true))),
            0
        );
        assert_eq!(
            allocations(|| log_info!(SysLog("charging card", attempt = 2u32, tenant = "acme"))),
            0
        );
        assert_eq!(
            allocations(|| log!(PaymentCaptured {
                user_id: 42,
                payment_id,
                amount: 1999,
                currency: Currency::Eur
            })),
            0
        );
        assert_eq!(
            allocations(|| log_info!(SysLog(
                "charge \"refused\"",
                error = &error,
                ratio = 0.5,
                items = [1, 2]
            ))),
            0
        );
        assert_eq!(
            allocations(|| log_trace!(SysLog("filtered out", reason = String::from("never made")))),
            0
        );
    });
    drop(guard);
}
