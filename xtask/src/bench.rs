//! `cargo xtask bench`: what is measured, one module each.

mod budgets;
pub(crate) mod calls;
pub(crate) mod compile;
pub(crate) mod cost;
mod cpu;
mod figures;
mod page;
mod peer;
pub(crate) mod peers;
mod plot;
mod sample;
pub(crate) mod storage;
mod subject;
