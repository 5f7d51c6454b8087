//! What a service's own tests see of its log: [`capture`], the [`Record`]s that it takes, and the macros that say what
//! must be among them. How a record is held against what is wanted is in `wanted`.
//!
//! ```
//! use tracel::testing::{assert_logged, assert_not_logged, capture};
//!
//! fn charge(attempt: u32) {
//!     tracel::log_warn!(SysLog("charge refused", attempt));
//! }
//!
//! let logs = capture();
//! charge(2);
//! assert_logged!(logs, warn SysLog("charge refused", attempt = 2));
//! assert_not_logged!(logs, SysLog("charge refused", attempt = 3));
//! # mod logs {} // the schema of this page is TraceL's default
//! ```
//!
//! # What is wanted
//!
//! It is written like the log itself, and held to the schema like one, with the same errors:
//!
//! - `UserLog(7, "capture requested")`, `SysLog("charge refused", attempt = 2)`, `Log::audit("role granted")`: a record with
//!   this message under this category. What is given must be equal, what is not given may be anything: no key is required.
//! - `PaymentCaptured { amount: 1999, .. }`: an event with these fields. Without `..` it is meant whole: what is required must be
//!   given, and what is optional and left out must not be in the record.
//! - any other expression whose type is an event: all its fields.
//! - a level before it, `error SysLog(..)`, must be the record's. Without it any level will do.
//!
//! Values are compared as records have them: an error by its text, a moment or a duration by what is written of it. A
//! `sensitive` value is compared after its class was applied, so where the policy masks it, any value is like any other.
//! `None` wants the key to be absent. The fields of spans count: they are in the record.
//!
//! # What is captured
//!
//! All that is logged by the thread that called [`capture`], until the guard is dropped, and by what it starts with
//! `tracel::spawn`, [`tracel::thread`](crate::thread) and all else that carries a
//! [`Context`](crate::Context), in a request or outside. Other tests, that run beside it, do not mix with it, nor is there a
//! need for [`init`](crate::init()); where the process has a log or a subscriber, the captured records do not go there.
//! What a bare `std::thread` or `tokio::spawn` logs on another thread is not captured: it is what loses its request in
//! production, too. Of captures within each other the innermost has the records.
//!
//! - Levels: `trace` and up of all that the build has. A level that is stripped from the build (`policy.max_level`, the
//!   features `max_level_*`) is never logged, and `assert_logged!` finds nothing of it.
//! - Flood control holds nothing back under a capture, and no record is cut.
//! - Of other crates' events those that the schema's policy admits: TraceL's default schema, and that of
//!   [`capture_with`] if it is given.

mod capture;
mod record;
pub(crate) mod wanted;

#[doc(hidden)]
pub use capture::over;
pub use capture::{Capture, Logs, capture, capture_with};
pub use record::Record;
pub use tracel_derive::{assert_logged, assert_not_logged};
pub use tracing_core::Level;
