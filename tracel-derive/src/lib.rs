//! The proc macros of TraceL; use them through `tracel`.
