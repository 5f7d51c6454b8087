//! One function, built with a call that is stripped, without it, and with one that is kept: `cargo xtask bench cost` compares
//! their assembly.

mod logs {
    tracel::include_schema!();
}

#[cfg(not(feature = "bare"))]
use tracel::log_info;
#[cfg(feature = "kept")]
use tracel::log_warn;

/// What a service does between two logs.
#[inline(never)]
pub fn subject(amount: u64, attempts: &[u64]) -> u64 {
    let mut sum = amount;
    for &attempt in attempts {
        #[cfg(not(feature = "bare"))]
        log_info!(SysLog(
            "an attempt",
            amount = sum,
            attempt = attempt.checked_div(amount).unwrap_or(attempt)
        ));
        #[cfg(feature = "kept")]
        log_warn!(SysLog("an attempt", amount = sum, attempt));
        sum = sum.rotate_left(3) ^ attempt;
    }
    sum
}
