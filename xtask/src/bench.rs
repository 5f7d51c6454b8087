//! `cargo xtask bench`: what is measured, one module each.

mod aims;
mod budgets;
mod callers;
pub(crate) mod calls;
mod code;
pub(crate) mod compile;
pub(crate) mod cost;
mod cpu;
mod disk;
mod figures;
mod flood;
pub(crate) mod growth;
mod light;
mod page;
mod peer;
pub(crate) mod peers;
mod plot;
mod sample;
pub(crate) mod size;
pub(crate) mod storage;
pub(crate) mod stripped;
mod subject;
mod threads;
